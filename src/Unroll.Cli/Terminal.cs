namespace Unroll.Cli;

/// <summary>Where a command reads and writes.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress, notes and errors.</param>
/// <param name="Live">Whether a person watches: then progress is a moving bar, else plain lines.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, bool Live);

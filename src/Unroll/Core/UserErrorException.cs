using System.Diagnostics.CodeAnalysis;

namespace Unroll.Core;

/// <summary>
/// A user error (a file, an option, a shape), described in one line: where, what was expected, what was found, what to do.
/// Programs print the message and end with exit code 2; every other exception is a bug and keeps its stack trace.
/// </summary>
public class UserErrorException : Exception
{
    /// <summary>The most characters of a message.</summary>
    public const int Longest = 480;

    private const string LineBreaks = "\r\n\v\f\u0085\u2028\u2029";

    // What to do stands at the end of a message: of one that is too long the middle goes.
    private const int End = 160;

    /// <summary>Makes the error.</summary>
    /// <param name="message">
    /// One line: where, what was expected, what was found, what to do. Line breaks, as names of files and columns may hold them, become blanks; of
    /// one longer than <see cref="Longest"/> the middle is left out.
    /// </param>
    /// <param name="inner">The failure underneath, if there was one.</param>
    public UserErrorException(string message, Exception? inner = null) : base(Cut(OneLine(message)), inner) { }

    private static string OneLine(string message) => message.AsSpan().IndexOfAny(LineBreaks) < 0 ? message
        : string.Join(' ', message.Split(LineBreaks.ToCharArray(), StringSplitOptions.RemoveEmptyEntries));

    private static string Cut(string message)
    {
        if (message.Length <= Longest) return message;
        int begin = Longest - End - 3, end = message.Length - End;
        if (char.IsLowSurrogate(message[begin])) begin--;                    // whole characters only
        if (char.IsLowSurrogate(message[end])) end++;
        return $"{message[..begin]} … {message[end..]}";
    }
}

/// <summary>A buffer or file does not have the shape that the mathematics needs.</summary>
/// <param name="message">One line; see <see cref="Throw"/> for its form.</param>
public sealed class ShapeException(string message) : UserErrorException(message)
{
    /// <summary>Throws; the caller has compared first, so that a check that passes formats and allocates nothing.</summary>
    /// <param name="actual">What was found.</param>
    /// <param name="expected">What the mathematics needs.</param>
    /// <param name="what">The thing measured, as the user knows it: <c>"layer 'encoder.0' input features"</c>.</param>
    /// <param name="because">Where the expectation comes from: <c>"weight_ih is [512, 16]"</c>.</param>
    [DoesNotReturn]
    public static void Throw(int actual, int expected, string what, string because) =>
        throw new ShapeException($"{what}: expected {expected} because {because}, got {actual}.");
}

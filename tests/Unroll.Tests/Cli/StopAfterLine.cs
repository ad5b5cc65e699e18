namespace Unroll.Tests.Cli;

/// <summary>Standard error of a run that is interrupted after a line of it.</summary>
internal sealed class StopAfterLine(CancellationTokenSource stop, string beginning) : StringWriter
{
    public override void WriteLine(string? value)
    {
        if (value?.StartsWith(beginning, StringComparison.Ordinal) == true) stop.Cancel();
        base.WriteLine(value);
    }
}

namespace Unroll.Cli;

/// <summary>
/// What signals do to a command: the first one ends it at once, but while it has something to save it is asked to save and end; a second one ends it
/// at once in any case.
/// </summary>
/// <param name="asked">Asks the command to save and end, beside signals.</param>
internal sealed class Interruption(CancellationToken asked = default) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(asked);
    private readonly Lock _gate = new();
    private int _saving;
    private int? _signal;

    /// <summary>Set when the command is to save and end.</summary>
    internal CancellationToken Token => _stop.Token;

    /// <summary>The exit code of a command that was asked to end, as shells expect it: 128 and the signal's number, 130 without a signal.</summary>
    internal int ExitCode => 128 + (_signal ?? 2);

    /// <summary>Says, until the result is disposed of, that there is something to save.</summary>
    internal IDisposable Saving()
    {
        lock (_gate) _saving++;
        return new Saved(this);
    }

    /// <summary>A signal has come.</summary>
    /// <param name="number">Its number.</param>
    /// <returns>False: the process is to end at once.</returns>
    internal bool Take(int number)
    {
        lock (_gate)
        {
            if (_saving == 0 || _signal is not null) return false;
            _signal = number;
        }
        _stop.Cancel();
        return true;
    }

    public void Dispose() => _stop.Dispose();

    private void Done()
    {
        lock (_gate) _saving--;
    }

    private sealed class Saved(Interruption owner) : IDisposable
    {
        public void Dispose() => owner.Done();
    }
}

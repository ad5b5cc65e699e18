namespace Unroll.Serving.Http.Sounds;

/// <summary>How many sockets there may be of a kind.</summary>
/// <param name="most">At most.</param>
internal sealed class Places(int most)
{
    private int _taken;

    /// <summary>One more.</summary>
    /// <exception cref="ServingException">There are as many as may be.</exception>
    public void Take()
    {
        if (Interlocked.Increment(ref _taken) <= most) return;
        Interlocked.Decrement(ref _taken);
        throw new ServingException(Refusal.TooMany, $"{most} sounds are heard, as many as may be; come again later.");
    }

    /// <summary>One less.</summary>
    public void Give() => Interlocked.Decrement(ref _taken);
}

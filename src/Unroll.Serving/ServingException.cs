using Unroll.Core;

namespace Unroll.Serving;

/// <summary>Why a request was refused.</summary>
public enum Refusal
{
    /// <summary>What was sent is not what is expected.</summary>
    Invalid,

    /// <summary>There is no such thing, or it is another owner's.</summary>
    NotFound,

    /// <summary>The request does not fit where the session, or the model, stands.</summary>
    Conflict,

    /// <summary>A limit is reached; later it may not be.</summary>
    TooMany,

    /// <summary>It has no API key, or one of nobody.</summary>
    NoKey,

    /// <summary>The store is away, or the server is stopping; the same request can be sent again.</summary>
    Away,
}

/// <summary>A request that was refused, in one line: what, where, what was expected, what to do.</summary>
/// <param name="refusal">Why.</param>
/// <param name="message">The line.</param>
/// <param name="inner">The failure underneath, if there was one.</param>
public sealed class ServingException(Refusal refusal, string message, Exception? inner = null) : UserErrorException(message, inner)
{
    /// <summary>Why.</summary>
    public Refusal Refusal { get; } = refusal;

    /// <summary>Where the session stands; null: it is not about that.</summary>
    public long? Position { get; init; }

    /// <summary>The positions that can be gone back to; null: it is not about that.</summary>
    public IReadOnlyList<long>? Kept { get; init; }
}

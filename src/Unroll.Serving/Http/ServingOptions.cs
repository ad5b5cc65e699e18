namespace Unroll.Serving.Http;

/// <summary>What a server serves, and to whom.</summary>
public sealed class ServingOptions
{
    /// <summary>Model files by the names that requests call them.</summary>
    public IDictionary<string, string> Models { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The file in which durable sessions are kept; null: there are none.</summary>
    public string? Store { get; set; }

    /// <summary>API keys by the names of their owners. Without any, only requests of the machine itself are answered.</summary>
    public IDictionary<string, string> Keys { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The folder of training runs that are shown as they go; null: none are.</summary>
    public string? Runs { get; set; }

    /// <summary>Whether there is a page at <c>/</c> to watch models and sessions on.</summary>
    public bool Page { get; set; } = true;

    /// <summary>What is taken on at most.</summary>
    public ServingLimits Limits { get; set; } = new();

    /// <summary>Bytes of a request's body at most.</summary>
    public long BodyBytes { get; set; } = 16 << 20;
}

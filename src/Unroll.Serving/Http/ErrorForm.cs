namespace Unroll.Serving.Http;

/// <summary>What a problem of an endpoint has beside its details, for clients of other programs' interfaces.</summary>
internal sealed class ErrorForm
{
    private ErrorForm() { }

    /// <summary><c>"error": "…"</c>: the Open Inference Protocol.</summary>
    public static ErrorForm Text { get; } = new();

    /// <summary><c>"error": {"message": "…", "type": "…"}</c>: completions.</summary>
    public static ErrorForm Message { get; } = new();
}

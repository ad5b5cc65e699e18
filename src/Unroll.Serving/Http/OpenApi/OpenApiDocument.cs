namespace Unroll.Serving.Http.OpenApi;

//  https://spec.openapis.org/oas/v3.1.1

/// <summary>The description of all endpoints, as tools read it: <c>v1.json</c> beside this file.</summary>
/// <remarks>Tests hold the endpoints, their requests and their answers to it.</remarks>
internal static class OpenApiDocument
{
    private const string Name = "Unroll.Serving.Http.OpenApi.v1.json";
    private static readonly Lazy<byte[]> s_bytes = new(Read);

    /// <summary><c>GET /openapi/v1.json</c>.</summary>
    public static Task Get(Exchange exchange) => exchange.Answer(s_bytes.Value);

    private static byte[] Read()
    {
        using Stream resource = typeof(OpenApiDocument).Assembly.GetManifestResourceStream(Name)!;
        byte[] bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}

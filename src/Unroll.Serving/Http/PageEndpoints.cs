using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Unroll.Inspection.Report;

namespace Unroll.Serving.Http;

/// <summary>
/// The page on which models and sessions are watched: a few files that lie in the assembly and ask nobody but this server. They are the same for
/// everybody and hold nothing that a key protects.
/// </summary>
internal sealed class PageEndpoints(ServingOptions options)
{
    // The browser itself refuses what is not from here; styles and scripts in the page's text too.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Html = "text/html; charset=utf-8", Script = "text/javascript; charset=utf-8", Css = "text/css; charset=utf-8";
    private readonly FrozenDictionary<string, Asset> _assets = Assets(options).ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    /// <summary>
    /// <c>GET /</c>. An address of a group that does not end in a slash is sent to the one that does, on which the page's files rest.
    /// </summary>
    public Task Index(HttpContext context)
    {
        string path = context.Request.PathBase + context.Request.Path;
        if (path.EndsWith('/')) return Send(context, _assets["index.html"]);
        context.Response.Redirect(path[(path.LastIndexOf('/') + 1)..] + "/");
        return Task.CompletedTask;
    }

    /// <summary><c>GET /page/{file}</c>.</summary>
    public Task File(HttpContext context)
    {
        string name = (string?)context.Request.RouteValues["file"] ?? "";
        return Send(context, _assets.GetValueOrDefault(name) ?? throw new ServingException(Refusal.NotFound, "the page has no such file."));
    }

    // A browser keeps a file and asks whether it is still the same; another version of the server has another tag.
    private static async Task Send(HttpContext context, Asset asset)
    {
        HttpResponse response = context.Response;
        bool zipped = asset.Zipped is not null && AcceptsGzip(context.Request.Headers.AcceptEncoding);
        string tag = zipped ? $"\"{asset.Tag}-gzip\"" : $"\"{asset.Tag}\"";
        response.Headers.ETag = tag;
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (asset.Zipped is not null) response.Headers.Vary = "Accept-Encoding";
        if (context.Request.Headers.IfNoneMatch.ToString().Split(',').Any(one => one.Trim() == tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        byte[] bytes = zipped ? asset.Zipped! : asset.Plain.Value;
        if (zipped) response.Headers.ContentEncoding = "gzip";
        response.ContentType = asset.Type;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static bool AcceptsGzip(StringValues encodings) => encodings.ToString().Split(',').Select(one => one.Split(';')).Any(one =>
        one[0].Trim() is "gzip" or "*" && !one.Skip(1).Any(weight => weight.Replace(" ", "") is "q=0" or "q=0.0" or "q=0.00" or "q=0.000"));

    private static IEnumerable<Asset> Assets(ServingOptions options)
    {
        const string Prefix = "Unroll.Page.";
        foreach (string resource in typeof(PageEndpoints).Assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            byte[] bytes = Read(typeof(PageEndpoints).Assembly.GetManifestResourceStream(resource)!);
            string name = resource[Prefix.Length..];
            if (name == "index.html") bytes = Filled(bytes, options);
            yield return Asset.Of(name, Path.GetExtension(name) switch { ".html" => Html, ".css" => Css, ".png" => "image/png", _ => Script }, bytes);
        }
        yield return Asset.Of("report.css", Css, Read(PageFiles.Style()));
        yield return Asset.Of("charts.js", Script, Read(PageFiles.Charts()));
        yield return Asset.Of("player.js", Script, Read(PageFiles.Player()));
        byte[] zipped = Read(PageFiles.CompressedECharts());
        yield return new Asset("echarts.js", Script, Asset.TagOf(zipped), new Lazy<byte[]>(() => Unzipped(zipped)), zipped);
    }

    // Whether the page must ask for a key before it asks for anything else.
    private static byte[] Filled(byte[] html, ServingOptions options) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(html).Replace("data-keys=\"no\"", $"data-keys=\"{(options.Keys.Count > 0 ? "yes" : "no")}\""));

    private static byte[] Read(Stream stream)
    {
        using (stream)
        {
            using MemoryStream bytes = new();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    private static byte[] Unzipped(byte[] bytes) => Read(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));

    /// <summary>A file of the page.</summary>
    /// <param name="Name">As its address ends.</param>
    /// <param name="Type">What it is.</param>
    /// <param name="Tag">A hash of its bytes.</param>
    /// <param name="Plain">Its bytes.</param>
    /// <param name="Zipped">Its bytes compressed, for those who take them so; null: it is small.</param>
    private sealed record Asset(string Name, string Type, string Tag, Lazy<byte[]> Plain, byte[]? Zipped)
    {
        public static Asset Of(string name, string type, byte[] bytes) => new(name, type, TagOf(bytes), new Lazy<byte[]>(bytes), null);

        public static string TagOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];
    }
}

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Unroll.Serving;

namespace Unroll.Serve;

/// <summary>What the server's connections may do: many clients, and none that holds one for nothing.</summary>
internal static class Connections
{
    /// <summary>Open at once.</summary>
    public const int Usual = 10_000;

    private static readonly TimeSpan s_headers = TimeSpan.FromSeconds(10), s_rest = TimeSpan.FromMinutes(2), s_grace = TimeSpan.FromSeconds(5);
    private const double SlowestBytes = 240;                 // a second, of a body that comes or an answer that goes

    /// <summary>Sets the limits.</summary>
    /// <param name="kestrel">The server.</param>
    /// <param name="most">Connections at once.</param>
    /// <param name="limits">What it takes on at most beside.</param>
    /// <param name="body">Bytes of a body.</param>
    public static void Limit(KestrelServerOptions kestrel, int most, ServingLimits limits, long body)
    {
        kestrel.AddServerHeader = false;
        (kestrel.Limits.MaxConcurrentConnections, kestrel.Limits.MaxConcurrentUpgradedConnections) = (most, 2 * limits.Sounds);
        (kestrel.Limits.MaxRequestBodySize, kestrel.Limits.MaxRequestHeaderCount) = (body, 100);
        (kestrel.Limits.MaxRequestHeadersTotalSize, kestrel.Limits.MaxRequestLineSize) = (32 << 10, 8 << 10);
        (kestrel.Limits.RequestHeadersTimeout, kestrel.Limits.KeepAliveTimeout) = (s_headers, s_rest);
        kestrel.Limits.MinRequestBodyDataRate = kestrel.Limits.MinResponseDataRate = new MinDataRate(SlowestBytes, s_grace);
    }
}

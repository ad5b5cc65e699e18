using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Unroll.Serving.Http.Sounds;

//  https://www.rfc-editor.org/rfc/rfc6455

/// <summary>
/// <c>GET …/sound?at=N&amp;rate=R</c>, a WebSocket: samples come as they are recorded, and words go back as they are heard. Each message of samples
/// is a step of the session.
/// </summary>
internal sealed class SoundEndpoint(SessionHost host, KeyRing keys, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan s_ping = TimeSpan.FromSeconds(15);
    private readonly Places _heard = new(host.Limits.Sounds), _strangers = new(host.Limits.Sounds);      // who has no key yet takes no place

    /// <summary>The handler, under the framework's own for WebSockets.</summary>
    /// <param name="endpoints">Where it is mapped.</param>
    /// <param name="tell">Tells what goes wrong before the socket is open.</param>
    public RequestDelegate Over(IEndpointRouteBuilder endpoints, Func<HttpContext, Exception, Task> tell)
    {
        IApplicationBuilder pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets(new WebSocketOptions { KeepAliveInterval = s_ping, KeepAliveTimeout = s_ping });   // who does not answer is gone
        pipeline.Run(async context =>
        {
            try
            {
                await Open(context);
            }
            catch (Exception e)
            {
                await tell(context, e);
            }
        });
        return pipeline.Build();
    }

    private async Task Open(HttpContext context)
    {
        // A browser cannot send a key with the request: then it is the first message.
        string? owner = keys.IsStillToCome(context) ? null : keys.OwnerOf(context);
        if (!context.WebSockets.IsWebSocketRequest)
            throw new ServingException(Refusal.Invalid, "sound: expected a WebSocket, whose messages are samples; or send them as steps.");
        bool known = owner is not null;
        (known ? _heard : _strangers).Take();
        try
        {
            using Hearing hearing = new(host, context);
            if (owner is not null) hearing.Open(owner);
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            using SoundSocket own = new(socket, host.Limits.Idle, lifetime.ApplicationStopping);
            await hearing.Run(own, keys, () =>
            {
                _heard.Take();
                known = true;
                _strangers.Give();
            });
        }
        finally
        {
            (known ? _heard : _strangers).Give();
        }
    }
}

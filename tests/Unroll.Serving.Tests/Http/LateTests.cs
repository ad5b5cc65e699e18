using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Http;

/// <summary>A step that was taken is answered, however late its answer is: nobody is told that nothing was taken.</summary>
public sealed class LateTests
{
    [Fact]
    public async Task A_step_that_was_taken_is_answered_however_late()
    {
        SlowStore store = new();
        await using Server server = await Server.Start(_ => { }, builder =>
            builder.Services.AddSingleton(new SessionHost(store, new() { Time = TimeSpan.FromMilliseconds(100) })), ("m", TaskCase.Tagger(1)));
        Reply begun = await server.Send("POST", "/v1/models/m/sessions", "{\"session\":\"s\",\"durability\":\"each\"}");
        Assert.Equal(HttpStatusCode.Created, begun.Status);
        store.Takes = TimeSpan.FromMilliseconds(400);
        Reply reply = await server.Send("POST", "/v1/models/m/sessions/s/steps", "{\"at\":0,\"steps\":[\"send\",\"five\"]}");
        Assert.Equal((HttpStatusCode.OK, 2L, 2L), (reply.Status, reply.Number("position"), reply.Number("durable")));
    }

    private sealed class SlowStore : ISessionStore
    {
        private readonly MemoryStore _store = new();

        public TimeSpan Takes { get; set; }

        public StoredSession? Read(SessionId id) => _store.Read(id);

        public void Write(IReadOnlyList<SessionRow> rows)
        {
            Thread.Sleep(Takes);
            _store.Write(rows);
        }
    }
}

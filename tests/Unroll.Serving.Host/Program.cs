using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Serving.Models;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;

namespace Unroll.Serving.Host;

/// <summary>
/// A server under load, to be killed: <c>STORE MODEL DURABILITY SESSIONS</c>. Each session goes on from where the store has it; every answer is a
/// line, <c>SESSION POSITION DURABLE</c>. At SIGTERM it stops as a server does, and its last line is <c>stopped</c>.
/// </summary>
internal static class Program
{
    private static async Task Main(string[] args)
    {
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        await using SessionHost host = new(new SqliteStore(args[0]));
        host.Models.Load("m", args[1]);
        SessionConfiguration options = new() { Durability = Durability.Parse(args[2]), KeepEvery = 25 };
        int sessions = int.Parse(args[3], CultureInfo.InvariantCulture);
        Task[] all = [.. Enumerable.Range(0, sessions).Select(session => Task.Run(() => Run(host, options, session)))];
        await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        int lost = await host.StopAsync();
        await Task.WhenAll(all);
        Console.Out.WriteLine(lost == 0 ? "stopped" : $"lost {lost}");
    }

    private static async Task Run(SessionHost host, SessionConfiguration options, int session)
    {
        try
        {
            using SessionHandle handle = await Begin(host, options, session);
            float[] row = new float[Load.Features], answer = new float[handle.AnswerSize];
            for (long at = (await handle.StatusAsync()).Position; ; at++)
            {
                Load.Fill(session, at, row);
                StepReply reply = await handle.StepAsync(at, row, answer);
                lock (Console.Out) Console.Out.WriteLine($"{session} {reply.Position} {reply.Durable}");
            }
        }
        catch (ServingException e) when (e.Refusal == Refusal.Away)
        {
        }
    }

    private static async Task<SessionHandle> Begin(SessionHost host, SessionConfiguration options, int session)
    {
        try
        {
            return host.Open("", Load.NameOf(session));
        }
        catch (ServingException e) when (e.Refusal == Refusal.NotFound)
        {
            return await host.CreateAsync("", "m", options, Load.NameOf(session));
        }
    }
}

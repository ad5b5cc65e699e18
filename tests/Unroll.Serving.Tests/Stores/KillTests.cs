using System.Diagnostics;
using System.Globalization;
using Unroll.Serving.Host;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks.Labels;

namespace Unroll.Serving.Tests.Stores;

/// <summary>
/// A server that is killed under load, again and again: what was said to be durable is there, and every session goes on to the bits of an
/// undisturbed one. <c>UNROLL_SERVING_KILLS</c> is how often, 2 by default.
/// </summary>
[Trait("Category", "Slow")]
public sealed class KillTests : IDisposable
{
    private const int Sessions = 20, Further = 3, SigKill = 9, SigTerm = 15;
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-serving-").FullName;
    private readonly TaskCase _task = TaskCase.Numbers(1);

    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("UNROLL_SERVING_KILLS") ?? "2", CultureInfo.InvariantCulture);

    private string Store => Path.Combine(_folder, "sessions.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("each", SigKill)]
    [InlineData("every:10", SigKill)]
    [InlineData("every:10", SigTerm)]
    public async Task What_was_acknowledged_is_kept_and_sessions_go_on_to_the_same_bits(string durability, int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are Unix's");
        _task.Model.Save(Path.Combine(_folder, "model.safetensors"));
        long[] positions = new long[Sessions], durable = new long[Sessions], before = new long[Sessions];
        for (int kill = 0; kill < Kills; kill++)
        {
            int lines = await RunAndKill(durability, signal, 150 + 97 * kill % 400, positions, durable);
            Assert.True(lines > 0);
            await Check(positions, durable, before, signal == SigTerm);
        }
    }

    // Until it has said so many lines; what it says last may be cut off.
    private async Task<int> RunAndKill(string durability, int signal, int lines, long[] positions, long[] durable)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["exec", Path.Combine(AppContext.BaseDirectory, "Unroll.Serving.Host.dll"), Store,
            Path.Combine(_folder, "model.safetensors"), durability, $"{Sessions}"]) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        int said = 0;
        string last = "";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            last = line;
            if (line.Split(' ') is [var session, var position, var upto] && int.TryParse(session, out int s) && long.TryParse(position, out long p)
                && long.TryParse(upto, out long d))
                (positions[s], durable[s]) = (p, d);
            if (++said == lines) Process.Start("kill", [$"-{signal}", $"{process.Id}"]).WaitForExit();
        }
        await process.WaitForExitAsync();
        if (signal == SigTerm) Assert.Equal("stopped", last);
        return said;
    }

    private async Task Check(long[] positions, long[] durable, long[] before, bool stopped)
    {
        await using SessionHost host = new(new SqliteStore(Store));
        host.Models.Add("m", _task.Model);
        float[] row = new float[Load.Features];
        for (int s = 0; s < Sessions; s++)
        {
            if (positions[s] == 0) continue;                 // it was killed before that session had an answer
            using SessionHandle session = host.Open("", Load.NameOf(s));
            SessionStatus status = await session.StatusAsync();
            Assert.True(status.Position >= (stopped ? positions[s] : durable[s]),
                $"session {s} stands at {status.Position}, and {durable[s]} steps were said to be durable, {positions[s]} taken");
            Assert.True(status.Position >= before[s]);
            Assert.Equal(status.Position, status.Durable);
            LabelSession alone = ((LabelModel)_task.Model).NewSession();
            float[] expected = new float[session.AnswerSize], answer = new float[session.AnswerSize];
            for (long at = 0; at < status.Position + Further; at++)
            {
                Load.Fill(s, at, row);
                alone.Step(row, expected);
                if (at < status.Position) continue;
                await session.StepAsync(at, row, answer);
                Assert.Equal(expected, answer);
            }
            (positions[s], durable[s], before[s]) = (0, 0, status.Position);
        }
    }
}

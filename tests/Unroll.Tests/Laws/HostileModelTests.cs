using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Laws;

/// <summary>
/// A model file that somebody made to harm, its checksums right: whatever stands in its description, it opens or is refused in one line that names
/// it, at once and without memory for what it claims to be.
/// </summary>
public sealed class HostileModelTests : IDisposable
{
    private const int MostOfAList = 3;
    private static readonly string[] s_numbers = ["-1", "0", "0.5", "16385", "2147483647", "2147483648", "-1e308", "1e308", "1e-320", "1e999"];
    private static readonly string[] s_others =
        ["null", "\"8\"", "[8]", "[]", "{}", "true", "\"\"", "\"\\ud800\"", "{\"a\":1,\"a\":2}", new string('[', 100) + new string(']', 100)];

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(DamagedModelTests.Fixtures), MemberType = typeof(DamagedModelTests))]
    public void Whatever_the_description_says_the_answer_is_one_line_at_once(string fixture)
    {
        string path = _folder[fixture];
        TaskList.Open(Path.Combine(AppContext.BaseDirectory, "Tasks", "Fixtures", $"{fixture}.safetensors")).Save(path);
        TensorFile whole = TensorFile.Read(path);
        foreach (string key in new[] { "unroll.spec", "unroll.task" })
        {
            string json = whole.MetadataOf(key)!;
            foreach (JsonNode leaf in Leaves(JsonNode.Parse(json)!))
                foreach (string value in leaf.GetValueKind() == JsonValueKind.Number ? [.. s_numbers, .. s_others] : s_others)
                    Open(whole, key, With(json, leaf.GetPath(), value), $"{leaf.GetPath()} = {value[..Math.Min(value.Length, 40)]}");
        }
    }

    private static void Open(TensorFile whole, string key, string json, string what)
    {
        TensorFile file = new();
        foreach ((string k, string v) in whole.Metadata) file.AddMetadata(k, k == key ? json : v);
        foreach (Tensor tensor in whole.Tensors) file.Add(tensor);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch clock = Stopwatch.StartNew();
        try
        {
            ModelFile model = ModelFile.From(file, "m");
            TaskList.All.First(task => model.TaskJson.Contains($"\"task\": \"{task.Name}\"", StringComparison.Ordinal)).Open(model);
        }
        catch (UserErrorException e)
        {
            bool oneLine = e.Message.Length <= 500 && !e.Message.Contains('\n') && e.Message.Contains("'m'", StringComparison.Ordinal);
            Assert.True(oneLine, $"{what}: {e.Message}");
        }
        catch (InvalidOperationException e) when (e.Message.StartsWith("Sequence contains no matching", StringComparison.Ordinal))
        {
            // the word of the task itself: the list refuses it before
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(bytes < 100_000_000, $"{what}: it took {bytes} bytes");
        Assert.True(clock.Elapsed.TotalSeconds < 100, $"{what}: it took {clock.Elapsed}");
    }

    // The last part of the way to a leaf, and what stands there, replaced in the text.
    private static string With(string json, string path, string value)
    {
        const string mark = "\"☠\"";
        JsonNode root = JsonNode.Parse(json)!;
        JsonNode node = Leaves(root).First(leaf => leaf.GetPath() == path);
        node.ReplaceWith("☠");
        return root.ToJsonString(s_plain).Replace(mark, value, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonNode> Leaves(JsonNode node) => node switch
    {
        JsonObject one => one.Where(member => member.Value is not null).SelectMany(member => Leaves(member.Value!)),
        JsonArray list => list.Where(element => element is not null).Take(MostOfAList).SelectMany(element => Leaves(element!)),
        _ => [node],
    };
}

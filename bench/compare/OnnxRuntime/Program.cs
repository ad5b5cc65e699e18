using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Cli.Bench;
using Unroll.Numerics;
using Unroll.OnnxRuntime;

// --library PATH --workload infer|stream --cell lstm,gru-after,rnn --shape "B,T,I,H;…" [--layers N] [--bidir] [--threads N]
// --engine lifted|interpreter instead of --library: this library on the same ONNX file, as a network or node by node; --workload infer only
// The options and the JSON lines are those of `unroll bench`; compare.py calls it.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Dictionary<string, string> options = [];
for (int i = 0; i < args.Length; i++)
    options[args[i]] = i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i] : "";
int threads = int.Parse(options.GetValueOrDefault("--threads", "1")), layers = int.Parse(options.GetValueOrDefault("--layers", "1"));
bool bidirectional = options.ContainsKey("--bidir"), stream = options["--workload"] == "stream";
string engine = options.GetValueOrDefault("--engine", "ort");
OrtLibrary? library = engine == "ort" ? new(options["--library"]) : null;
using ThreadTeam team = new(threads);
Timing timing = new();

foreach (string cell in options["--cell"].Split(','))
    foreach (int[] shape in options["--shape"].Split(';').Select(text => text.Split(',').Select(int.Parse).ToArray()))
    {
        RecurrentNetwork network = new(cell, layers, bidirectional, shape[0], stream ? 1 : shape[1], shape[2], shape[3]);
        Times times = timing.Measure(library is null ? new OwnEngine(engine, team).Sequences(network) : stream ? Step(network) : Sequences(network));
        Console.WriteLine(Line(network, times));
    }
return;

string Line(RecurrentNetwork network, Times times)
{
    using MemoryStream bytes = new();
    using (Utf8JsonWriter json = new(bytes))
    {
        json.WriteStartObject();
        json.WriteString("engine", engine);
        json.WriteString("version", library?.Version ?? "");
        json.WriteNumber("threads", threads);
        json.WriteString("workload", options["--workload"]);
        json.WriteString("cell", network.Cell);
        json.WriteNumber("layers", layers);
        json.WriteBoolean("bidir", bidirectional);
        json.WriteNumber("B", network.B);
        json.WriteNumber("T", network.T);
        json.WriteNumber("I", network.I);
        json.WriteNumber("H", network.H);
        json.WriteNumber("median_us", Math.Round(times.Median * 1e6, 3));
        json.WriteNumber("min_us", Math.Round(times.Min * 1e6, 3));
        json.WriteNumber("max_us", Math.Round(times.Max * 1e6, 3));
        json.WriteNumber("samples", times.Samples);
        json.WriteNumber("gflops", Math.Round(network.Flops / times.Median / 1e9, 2));
        json.WriteEndObject();
    }
    return Encoding.UTF8.GetString(bytes.ToArray());
}

Action Sequences(RecurrentNetwork network)
{
    OrtTensor x = library!.Tensor(network.T, network.B, network.I), y = library.Tensor(network.T, network.Directions, network.B, network.H);
    Fill(x);
    return library.Call(library.Session(OnnxModel.OfSequences(network), threads), [("x", x)], [("y", y)]);
}

// The state goes to and fro between two tensors, so that nothing is copied.
Action Step(RecurrentNetwork network)
{
    nint session = library!.Session(OnnxModel.OfStep(network), threads);
    string[] states = network.Cell == "lstm" ? ["h", "c"] : ["h"];
    OrtTensor x = library.Tensor(1, network.B, network.I);
    Fill(x);
    OrtTensor[] one = [.. states.Select(_ => library.Tensor(1, network.B, network.H))];
    OrtTensor[] other = [.. states.Select(_ => library.Tensor(1, network.B, network.H))];
    Action there = library.Call(session, [("x", x), .. states.Zip(one)], [.. states.Select(s => s + "Next").Zip(other)]);
    Action back = library.Call(session, [("x", x), .. states.Zip(other)], [.. states.Select(s => s + "Next").Zip(one)]);
    bool odd = false;
    return () =>
    {
        (odd ? back : there)();
        odd = !odd;
    };
}

static void Fill(OrtTensor tensor)
{
    for (int i = 0; i < tensor.Data.Length; i++) tensor.Data[i] = MathF.Sin(i);
}

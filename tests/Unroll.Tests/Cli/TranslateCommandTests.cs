using System.Text;
using System.Text.Json;
using Unroll.Cli;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Translation;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

public sealed class TranslateCommandTests : IDisposable
{
    private const string Letters = "abcdef";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, params IEnumerable<string> lines)
    {
        File.WriteAllLines(_folder[name], lines);
        return _folder[name];
    }

    // Two to four letters and the same backwards; all different sources.
    private string Reversed()
    {
        Rng random = new(3);
        HashSet<string> sources = [];
        for (ulong i = 0; sources.Count < 500; i++)
        {
            StringBuilder text = new();
            for (int t = 0; t < 2 + (int)(i % 3); t++) text.Append(Letters[random.At(i).Below(Letters.Length, (ulong)t)]);
            sources.Add(text.ToString());
        }
        return Write("reversed.tsv", sources.Select(source => $"{source}\t{string.Concat(source.Reverse())}"));
    }

    private CliRun Train(string data, params string[] more) =>
        CliRun.Of(["train", "translate", "--data", data, "--runs", _folder["runs"], "--run", "r",
        "--unit", "char", "--embedding", "12", "--hidden", "32", "--batch", "16", "--dropout", "0", "--threads", "2", "--json", .. more]);

    private string Model => Path.Combine(_folder["runs"], "r", "model.safetensors");

    [Fact]
    public void Words_are_learned_to_be_said_backwards_and_the_model_file_says_the_same()
    {
        string data = Reversed();
        CliRun run = Train(data, "--epochs", "20", "--lr", "0.01");
        Assert.True(run.Exit == 0, run.Error);
        Assert.True(run.Json.GetProperty("equal").GetDouble() >= 0.95, run.Error);
        JsonElement others = run.Json.GetProperty("others");
        Assert.True(others.GetProperty("copy of the source").GetProperty("equal").GetDouble() < 0.5);
        string page = File.ReadAllText(run.Json.GetProperty("report").GetString()!);
        Assert.Contains("Where it looks", page);

        CliRun again = CliRun.Of("evaluate", Model, "--threads", "1", "--json");
        foreach (string measure in (string[])["bleu", "chrf", "equal", "word_error_rate"])
            Assert.Equal(run.Json.GetProperty(measure).GetDouble(), again.Json.GetProperty(measure).GetDouble());

        CliRun said = CliRun.Of("abcd\n\nfee\n", CancellationToken.None, "predict", Model, "--picture", _folder["p.html"]);
        Assert.Equal("dcba\n\neef\n", said.Out);
        Assert.True(File.Exists(_folder["p.html"]));
        JsonElement first = CliRun.Of("abcd\n", CancellationToken.None, "predict", Model, "--json").Json.GetProperty("translations")[0];
        Assert.Equal(("abcd", "dcba"), (first.GetProperty("source").GetString(), first.GetProperty("translation").GetString()));
        Assert.True(first.GetProperty("others").GetArrayLength() > 0);

        Assert.Contains("a translation model, trained on", CliRun.Of("info", Model).Out);
        CliRun inspect = CliRun.Of("inspect", Model, "--sequence", "1", "--output", _folder["i.html"], "--json");
        Assert.True(inspect.Exit == 0, inspect.Error);
        Assert.Contains("because the data have 50 pairs, got 999", CliRun.Of("inspect", Model, "--sequence", "999").Refused());
    }

    [Fact]
    public void A_beam_scores_at_least_as_well_as_greedy_for_every_sentence()
    {
        string data = Reversed();
        Assert.Equal(0, Train(data, "--epochs", "2").Exit);
        TranslationModel model = TranslationModel.Open(Model);
        using ThreadTeam threads = new(1);
        string[] texts = [.. File.ReadLines(data).Take(60).Select(line => line.Split('\t')[0])];
        foreach ((Translation greedy, Translation beam) in new Translator(model, model.Search with { Beam = 1 }, threads).Translate(texts)
            .Zip(new Translator(model, model.Search, threads).Translate(texts)))
            Assert.True(beam.Score >= greedy.Score, greedy.Source);
        AttentionPicture picture = new Translator(model, model.Search, threads).Attention("abc");
        Assert.All(picture.Weights, row => Assert.Equal(1, row.Sum(), 1e-5));      // three weights, each rounded once
        Assert.Equal(picture.Target.Count, picture.Weights.Count);
    }

    [Fact]
    public void Threads_and_a_stop_in_between_change_no_bit_and_another_seed_does()
    {
        string data = Reversed();
        string Hash(string name, params string[] more) =>
            Train(data,
                ["--epochs", "2", "--dropout", "0.2", "--scheduled-sampling", "0.3", "--attention", "bahdanau", "--cell", "gru", "--run", name,
                .. more]).Json.GetProperty("weights_sha256").GetString()!;
        string first = Hash("a");
        Assert.Equal(first, Hash("b", "--threads", "1"));
        Assert.Equal(first, Hash("c", "--inspect", "every=20"));
        Assert.NotEqual(first, Hash("d", "--seed", "2"));

        using CancellationTokenSource stop = new();
        StopAfterLine error = new(stop, "epoch    1/2");
        string[] args = ["train", "translate", "--data", data, "--runs", _folder["runs"], "--run", "e", "--unit", "char",
            "--embedding", "12", "--hidden", "32", "--batch", "16", "--epochs", "2", "--dropout", "0.2", "--scheduled-sampling", "0.3", "--attention",
            "bahdanau", "--cell", "gru"];
        Assert.Equal(130,
            CommandLine.Run(args, new Terminal(() => Stream.Null, TextWriter.Null, error, Live: false), new Interruption(stop.Token)));
        CliRun resumed = CliRun.Of("train", "translate", "--resume", "--run", "e", "--runs", _folder["runs"], "--json");
        Assert.True(resumed.Exit == 0, resumed.Error);
        Assert.Equal(first, resumed.Json.GetProperty("weights_sha256").GetString());
    }

    [Fact]
    public void What_inspect_looks_at_is_the_encoder_with_the_true_gradient_of_the_decoder()
    {
        string data = Reversed();
        Assert.Equal(0, Train(data, "--epochs", "1").Exit);
        TranslationModel model = TranslationModel.Open(Model);
        InspectionSubject subject = model.Subject(data, 0, DataFiles.Disk);
        subject.Check();
        TranslationPair pair = PairReader.Read([data], DataFiles.Disk)[0];
        using ThreadTeam threads = new(1);
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: false);
        EncoderDecoder network = model.EncoderDecoder;
        SequencePairs packed = new(network.Spec, [model.Source.Encode(pair.Source)], [model.Target.Encode(pair.Target)]);
        network.Parameters.ClearGradients();
        LossSum loss = network.Accumulate(packed, pass);
        float[] whole = network.Parameters.Gradients[..network.Parameters.Find("encoder.weight_hh_l0")!.Shape[0]].ToArray();

        network.Parameters.ClearGradients();
        Unroll.Layers.Cache cache = model.Network.Forward(subject.Input, null, pass);
        SequenceBatch dy = SequenceBatch.Zeros(cache.Output.Layout, cache.Output.Features);
        Assert.Equal(loss.Sum, subject.Loss.Compute(cache.Output, subject.Targets, dy, pass).Sum);
        Assert.DoesNotContain(network.Parameters.Gradients.ToArray(), g => g != 0);
        model.Network.Backward(dy, cache, pass);
        Assert.Equal(whole, network.Parameters.Gradients[..whole.Length].ToArray());
    }

    [Fact]
    public void Wrong_input_is_refused_in_one_line_and_leaves_no_run()
    {
        string pairs = Write("p.tsv", "a b\tb a", "c d\td c", "e f\tf e");
        Assert.Contains("--data: name a TSV file of pairs", CliRun.Of("train", "translate", "--runs", _folder["runs"]).Refused());
        Assert.Contains("expected one TSV file of pairs or two line-aligned files", Train("a,b,c").Refused());
        Assert.Contains("none.tsv", Train(_folder["none.tsv"]).Refused());
        Assert.Contains("line 2: expected a source and a target", Train(Write("q.tsv", "a\tb", "c")).Refused());
        Assert.Contains("x.en has 2 lines and ", Train($"{Write("x.en", "a", "b")},{Write("x.de", "c")}").Refused());
        Assert.Contains("--unit: there is no 'syllable'", Train(pairs, "--unit", "syllable").Refused());
        Assert.Contains("--attention: there is no 'luon' (did you mean 'luong'?)", Train(pairs, "--attention", "luon").Refused());
        Assert.Contains("--dropout: expected a number from 0 to 0.99", Train(pairs, "--dropout", "1").Refused());
        Assert.Contains("--max-length: no pair has at most 1 symbols", Train(pairs, "--max-length", "1").Refused());
        Assert.Contains("--split: expected the shares", Train(pairs, "--split", "0.9,0.9").Refused());
        Assert.False(Directory.Exists(_folder["runs"]));
    }
}

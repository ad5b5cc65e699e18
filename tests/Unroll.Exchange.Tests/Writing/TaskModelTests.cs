using Unroll.Core;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Music;
using Unroll.Tasks.Synthetic;

namespace Unroll.Exchange.Tests.Writing;

/// <summary>Model files of every task, written, and run by ONNX Runtime from the files.</summary>
public sealed class TaskModelTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Fixtures", "Models");

    public static IEnumerable<TheoryDataRow<string>> Models() => Directory.EnumerateFiles(Folder, "*.safetensors").Order(StringComparer.Ordinal)
        .Select(file => new TheoryDataRow<string>(Path.GetFileNameWithoutExtension(file)));

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_of_every_task_gives_the_same_in_ONNX_Runtime(string model)
    {
        using TemporaryFolder folder = new();
        AssertSame(ModelFile.Load(Path.Combine(Folder, $"{model}.safetensors")), folder.File("m.onnx"));
    }

    [Theory]
    [InlineData("forecast", "Outputs")]
    [InlineData("lm-char", "Probabilities")]
    [InlineData("classify-text", "Probabilities")]
    [InlineData("speech-words", "LogProbabilities")]
    public void The_members_of_an_ensemble_are_one_graph(string model, string mean)
    {
        ModelFile one = ModelFile.Load(Path.Combine(Folder, $"{model}.safetensors"));
        Assert.Equal(mean, TaskKnowledge.MeanOf(one.TaskJson, one.Spec).ToString());
        using TemporaryFolder folder = new();
        string file = folder.File("three.safetensors"), to = folder.File("three.onnx");
        Network[] members = [.. new ulong[] { 1, 2, 3 }.Select(seed => Written.Random(one.Spec, seed))];
        ModelFile.Save(file, one.Spec, one.TaskJson, [.. members.Select(member => member.Parameters)]);
        OnnxExportReport report = OnnxExport.Save(to, ModelFile.Load(file));
        Assert.True(report.Files[0].Largest.Count > 0);
        using Ort whole = new(File.ReadAllBytes(to));
        Probe probe = new(members, Enum.Parse<MemberMean>(mean), ThreadTeam.Default);
        probe.Sequences(whole.Run, [5, 2, 7], 7, new Rng(3), states: false);
        Written.AssertClose(probe.Result);
        Assert.Equal("3", whole.Session.ModelMetadata.CustomMetadataMap["unroll.members"]);

        OnnxExport.Save(to, ModelFile.Load(file), new OnnxExportOptions { Member = 2 });
        using Ort second = new(File.ReadAllBytes(to));
        Probe own = new([members[1]], MemberMean.None, ThreadTeam.Default);
        own.Sequences(second.Run, [5, 2, 7], 7, new Rng(3), states: false);
        Written.AssertClose(own.Result);
        Assert.Equal("2", second.Session.ModelMetadata.CustomMetadataMap["unroll.member"]);
    }

    [Theory]
    [InlineData("speech-ctc")]
    [InlineData("translate-word")]
    public void Members_whose_answers_are_no_mean_of_outputs_are_written_one_by_one(string model)
    {
        ModelFile one = ModelFile.Load(Path.Combine(Folder, $"{model}.safetensors"));
        using TemporaryFolder folder = new();
        string file = folder.File("two.safetensors"), to = folder.File("two.onnx");
        ParameterStore store = new();
        foreach (Tensor tensor in one.Tensors) store.Add(tensor.Name, tensor.Shape);
        using (Edit edit = store.Edit())
            foreach ((Parameter parameter, Tensor tensor) in store.All.Zip(one.Tensors)) tensor.Float32.CopyTo(edit.Of(parameter));
        ModelFile.Save(file, one.Spec, one.TaskJson, [store, store]);
        ModelFile two = ModelFile.Load(file);
        UserErrorException error = Assert.Throws<UserErrorException>(() => OnnxExport.Save(to, two));
        Assert.Contains("by the option member from 1 to 2", error.Message);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.onnx"));
        Assert.Contains(OnnxExport.Save(to, two, new OnnxExportOptions { Member = 1 }).Notes, note => note.Contains("member 1 of 2"));
    }

    [Fact]
    public void Members_that_score_paths_are_written_one_by_one()
    {
        NetworkSpec spec = new(3,
            [new RecurrentSpec { Name = "rnn", Hidden = 4 }, new DenseSpec { Name = "head", Outputs = 3 }, new CrfSpec { Name = "crf" }]);
        using TemporaryFolder folder = new();
        string file = folder.File("two.safetensors");
        ModelFile.Save(file, spec, """{"task": "tag"}""", [Written.Random(spec, 1).Parameters, Written.Random(spec, 2).Parameters]);
        UserErrorException error = Assert.Throws<UserErrorException>(() => OnnxExport.Save(folder.File("two.onnx"), ModelFile.Load(file)));
        Assert.Contains("by the option member from 1 to 2", error.Message);
        OnnxExportReport report = OnnxExport.Save(folder.File("two.onnx"), ModelFile.Load(file), new OnnxExportOptions { Member = 2 });
        Assert.Contains(report.Notes, note => note.Contains("the search for the best path stays outside"));
        Assert.Contains("transitions float [3, 3]", report.Files[0].Outputs);
    }

    [Fact]
    public void Models_of_music_give_the_same_in_ONNX_Runtime()
    {
        PianoRoll[] rolls = [.. Enumerable.Range(0, 6)
            .Select(i => new PianoRoll([.. Enumerable.Range(i, 9).Select(t => t % 2 == 0 ? (int[])[60, 64, 67] : [62, 65, 69])]))];
        MusicOptions options = new() { Hidden = 6, Embedding = 4, Epochs = 1 };
        foreach (MusicModel model in new[]
        {
            MusicModel.Train(MusicData.Rolls(rolls), options with { Keys = MusicKeys.Independent }),
            MusicModel.Train(MusicData.Rolls(rolls), options),
            MusicModel.Train(MusicData.Tunes(Enumerable.Repeat("X:1\nT:a\nL:1/8\nM:4/4\nK:C\nCDEF GABc|cBAG FEDC|]\n", 8)), options),
        })
        {
            using TemporaryFolder folder = new();
            model.Save(folder.File("m.safetensors"));
            AssertSame(ModelFile.Load(folder.File("m.safetensors")), folder.File("m.onnx"));
        }
    }

    [Fact]
    public void Networks_of_the_synthetic_problems_give_the_same_in_ONNX_Runtime()
    {
        foreach (ISequenceProblem problem in SequenceProblems.Names.Select(name => SequenceProblems.Make(name, 8)))
            foreach (string cell in new[] { "lstm", "gru", "residual" })
                Written.AssertClose(Written.Compare(Written.Random(ProblemTask.NetworkFor(problem, new() { Kind = cell }, 6))), problem.Name);
    }

    private static void AssertSame(ModelFile file, string to)
    {
        bool pair = StoredEncoderDecoder.Is(file.Spec);
        Network? network = pair ? null : Network.Build(file.Spec);
        if (network is not null) file.CopyInto(network.Parameters);
        OnnxExportReport report = OnnxExport.Save(to, file, new OnnxExportOptions { Step = network is { Causal: true } });
        Assert.All(report.Files, one => Assert.InRange(one.Largest.Difference, 0, 1e-5 * Math.Max(1, one.Largest.Value)));
        Assert.Contains(report.Notes, note => note.Contains("unroll.task"));
        Ort[] sessions = [.. report.Files.Select(one => new Ort(File.ReadAllBytes(one.Path)))];
        if (network is null)
        {
            EncoderDecoderProbe probe = new(StoredEncoderDecoder.Open(file, 1), ThreadTeam.Default);
            foreach (int[] lengths in Batches(null)) probe.Pairs(sessions[0].Run, sessions[1].Run, lengths, lengths.Max() + 1, 3, new Rng(3));
            Written.AssertClose(probe.Encoder);
            Written.AssertClose(probe.Decoder);
        }
        else
        {
            Probe probe = new([network], MemberMean.None, ThreadTeam.Default);
            foreach (int[] lengths in Batches(ProbeBatch.LongestOf(file.Spec)))
                foreach (bool states in new[] { false, true }) probe.Sequences(sessions[0].Run, lengths, lengths.Max(), new Rng(3), states);
            if (sessions.Length > 1) probe.Steps(sessions[1].Run, 2, 5, new Rng(4));
            Written.AssertClose(probe.Result);
        }
        foreach (Ort session in sessions)
        {
            Assert.Equal(file.TaskJson, session.Session.ModelMetadata.CustomMetadataMap["unroll.task"]);
            Assert.Equal(file.Spec.ToJson(), session.Session.ModelMetadata.CustomMetadataMap["unroll.network"]);
            session.Dispose();
        }
    }

    private static IEnumerable<int[]> Batches(int? longest) =>
        from sequences in new[] { 1, 2, 5 }
        from length in new[] { 1, 6, 11 }
        select Enumerable.Range(0, sequences).Select(s => Math.Min(Math.Max(0, length - 2 * s), longest ?? length)).ToArray();
}

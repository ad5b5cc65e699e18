using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Keras;
using Unroll.Exchange.Hdf5.Keras.Writing;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using PureHDF;

namespace Unroll.Exchange.Tests.Keras;

public sealed class ExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-keras").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static RecurrentSpec Core(string name, string kind, Direction direction = Direction.Forward, int layers = 1,
        Merge merge = Merge.Concatenate) => new()
        {
            Name = name, Cell = new CellOptions { Kind = kind }, Hidden = 4, Direction = direction, Layers = layers, Merge = merge,
            Dropout = layers > 1 ? 0.1f : 0,
        };

    private static readonly Dictionary<string, NetworkSpec> Specs = new()
    {
        ["stack"] = new(3, [Core("core", "lstm", layers: 3), new LastStepSpec { Name = "last" }, new DenseSpec { Name = "head", Outputs = 2 }]),
        ["both"] = new(3, [Core("core", "gru", Direction.Bidirectional, 2), new LayerNormSpec { Name = "norm", Epsilon = 0.01 },
            new MaxPoolSpec { Name = "pool" }]),
        ["states"] = new(3, [Core("core", "gru-after", Direction.Bidirectional), new DropoutSpec { Name = "drop", Rate = 0.5f, Locked = true },
            new LastStatesSpec { Name = "last", Merge = Merge.Multiply }, new DenseSpec { Name = "head", Outputs = 2 }]),
        ["product"] = new(3, [Core("core", "rnn", Direction.Bidirectional, merge: Merge.Multiply), new MeanPoolSpec { Name = "pool" }]),
        ["words"] = new(1, [new EmbeddingSpec { Name = "words", Vocabulary = 7, Size = 4 }, Core("core", "lstm"),
            new TiedSpec { Name = "head", Embedding = "words" }]),
        ["reverse"] = new(3, [Core("a", "lstm", Direction.Reverse, 2), Core("b", "gru"),
            new ConvolutionSpec { Name = "relu", Filters = 3, Width = 1 },
            new LastStepSpec { Name = "last" }]),
        ["flipped"] = new(3, [new FlipSpec { Name = "flip" }, Core("a", "lstm", Direction.Reverse), new FlipSpec { Name = "again" },
            new LayerNormSpec { Name = "norm" }, Core("b", "rnn", Direction.Reverse), new FlipSpec { Name = "third" }]),
        ["many"] = new(2, [.. Enumerable.Range(0, 40).Select(i => new DenseSpec { Name = $"d{i}", Outputs = 2 }), Core("core", "lstm")]),
    };

    public static TheoryData<string> Names => [.. Specs.Keys];

    private static Network Drawn(NetworkSpec spec)
    {
        Network network = Network.Build(spec);
        using Edit edit = network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.5f * (float)new Rng(7).Normal((ulong)i);
        return network;
    }

    // Two biases become one: b_ih + b_hh is rounded once more, half a unit of the last place of a sum below 4.
    [Theory, MemberData(nameof(Names))]
    public void What_is_written_reads_back_to_the_same_outputs(string name)
    {
        Network network = Drawn(Specs[name]);
        string path = Path.Combine(_folder, $"{name}.weights.h5");
        IReadOnlyList<string> files = KerasExport.Write(path, network).Files;
        Network back = KerasCases.Build(KerasFile.Read(path, files[2]));
        float[][] x = name == "words" ? [[1, 6, 0, 3], [2]] : [Draw(4 * network.InputSize), Draw(network.InputSize)];
        foreach ((float[] expected, float[] y) in KerasCases.Run(network, x).Zip(KerasCases.Run(back, x)))
        {
            Assert.Equal(expected.Length, y.Length);
            Assert.True(expected.Zip(y, (a, b) => Math.Abs(a - b)).Max() < 2e-6);
        }
    }

    [Fact]
    public void What_was_read_from_Keras_and_is_written_again_has_the_same_bits()
    {
        foreach (KerasCase one in KerasCases.All.Where(one => one.LeftOut is null))
        {
            KerasModel model = KerasCases.Read(one);
            string path = Path.Combine(_folder, "again.weights.h5");
            KerasModel back = KerasFile.Read(path, KerasExport.Write(path, KerasCases.Build(model)).Files[2]);
            // A stack of cells becomes layers, whose names are other ones.
            Assert.Equal(model.Tensors.Select(tensor => tensor.Bytes.ToArray()), back.Tensors.Select(tensor => tensor.Bytes.ToArray()));
        }
    }

    // An HDF5 reader that is not ours; h5py opens these files too, which this program cannot ask.
    [Fact]
    public void Another_reader_finds_the_same_numbers()
    {
        string path = Path.Combine(_folder, "many.weights.h5");
        Network network = Drawn(Specs["many"]);
        KerasExport.Write(path, network);
        using PureHDF.VOL.Native.NativeFile file = H5File.OpenRead(path);
        Assert.Equal(["layers", "vars"], file.Children().Select(child => child.Name).Order());
        Assert.Equal(41, file.Group("layers").Children().Count());
        IH5Dataset kernel = file.Dataset("layers/dense_39/vars/0");
        Assert.Equal([2ul, 2ul], kernel.Space.Dimensions);
        float[] w = network.Parameters.All.Single(one => one.Name == "d39.weight").Values.ToArray();
        Assert.Equal([w[0], w[2], w[1], w[3]], kernel.Read<float[]>());
        Assert.Equal([2ul, 16ul], file.Dataset("layers/lstm/cell/vars/0").Space.Dimensions);
    }

    [Fact]
    public void The_code_builds_the_model_layer_by_layer()
    {
        string path = Path.Combine(_folder, "m.weights.h5");
        string code = File.ReadAllText(KerasExport.Write(path, Drawn(Specs["states"])).Files[1]);
        Assert.Contains("keras.Input((None, 3))", code);
        Assert.Contains("layers.Bidirectional(layers.GRU(units=4, reset_after=True), merge_mode=\"mul\", name=\"core\")", code);
        Assert.Contains("layers.Dropout(rate=0.5, name=\"drop\")", code);
        Assert.Contains("layers.Dense(units=2, activation=\"linear\", name=\"head\")", code);
        Assert.Contains("m.weights.h5", code);
    }

    [Theory, InlineData("peephole"), InlineData("learned"), InlineData("residual"), InlineData("crf"), InlineData("reverse"), InlineData("attention")]
    public void What_Keras_has_no_layer_for_is_refused_by_name_and_leaves_no_file(string what)
    {
        NetworkSpec spec = new(3, what switch
        {
            "peephole" => [Core("core", "lstm") with { Cell = new CellOptions { Peepholes = true } }],
            "learned" => [Core("core", "lstm") with { InitialState = InitialState.Learned }],
            "residual" => [Core("core", "residual")],
            "crf" => [new CrfSpec { Name = "core" }],
            "reverse" => [Core("core", "lstm", Direction.Reverse)],
            _ => (LayerSpec[])[new AttentionPoolSpec { Name = "core", Size = 2 }],
        });
        string path = Path.Combine(_folder, "m.weights.h5");
        Assert.Contains("layer 'core'", Assert.Throws<UserErrorException>(() => KerasExport.Write(path, Network.Build(spec))).Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_name_that_Keras_would_not_load_is_refused() =>
        Assert.Contains(".weights.h5", Assert.Throws<UserErrorException>(() =>
            KerasExport.Write(Path.Combine(_folder, "m.h5"), Drawn(Specs["stack"]))).Message);

    private static float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(i => (float)new Rng(3).Normal((ulong)i))];
}

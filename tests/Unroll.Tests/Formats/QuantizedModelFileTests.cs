using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Formats;

public sealed class QuantizedModelFileTests : IDisposable
{
    private const string Matrix = "encoder.weight_hh_l0", Scale = Matrix + ".scale";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_saved_is_loaded_and_answers_the_same_bits()
    {
        foreach ((string name, CellOptions cell) in OwnCells.All.Variants)
        {
            NetworkSpec spec = Spec(cell, both: name.Length % 2 == 0);
            Network network = Filled(spec);
            network.Quantize();
            ModelFile.Save(_folder["m"], spec, "{}", network.Parameters, network.Precision, network.Cells);
            ModelFile file = ModelFile.Load(_folder["m"], OwnCells.All);
            Network loaded = Network.Build(file.Spec, file.Cells);
            Assert.Equal(WeightPrecision.Int8, file.Precision);
            file.CopyInto(loaded.Parameters);
            Assert.Equal(network.Parameters.Values, loaded.Parameters.Values);
            loaded.Quantize();
            Assert.Equal(network.Parameters.Values, loaded.Parameters.Values);
            Assert.Equal(Output(network), Output(loaded));
        }
    }

    [Fact]
    public void Saved_and_loaded_and_saved_it_is_the_same_bytes()
    {
        Save();
        ModelFile file = ModelFile.Load(_folder["m"]);
        Network loaded = Network.Build(file.Spec);
        file.CopyInto(loaded.Parameters);
        ModelFile.Save(_folder["again"], file.Spec, file.TaskJson, loaded.Parameters, file.Precision);
        Assert.Equal(File.ReadAllBytes(_folder["m"]), File.ReadAllBytes(_folder["again"]));
    }

    [Fact]
    public void The_file_holds_bytes_with_a_scale_for_each_row_and_says_so()
    {
        Save();
        TensorFile file = TensorFile.Read(_folder["m"]);
        Assert.Equal("int8", file.MetadataOf("unroll.quantised"));
        foreach (string matrix in (string[])["encoder.weight_ih_l0", Matrix, "encoder.weight_hr_l0"])
        {
            Assert.Equal(TensorType.I8, file.Find(matrix)!.Type);
            Assert.Equal([file.Find(matrix)!.Shape[0]], file.Find(matrix + ".scale")!.Shape);
        }
        foreach (string other in (string[])["encoder.bias_ih_l0", "encoder.peephole_l0", "head.weight"]) Assert.Equal(TensorType.F32,
            file.Find(other)!.Type);
        ModelFile.Save(_folder["floats"], Spec(), "{}", Filled(Spec()).Parameters);
        Assert.Null(TensorFile.Read(_folder["floats"]).MetadataOf("unroll.quantised"));
        Assert.Equal(WeightPrecision.Float32, ModelFile.Load(_folder["floats"]).Precision);
    }

    public static TheoryData<string, string> Faults() => new()
    {
        { "floats", $"tensor '{Matrix}' holds F32, expected I8 because the file says that it is quantized; quantize the model again." },
        { "no scales", $"tensor '{Matrix}' has no scales: '{Scale}' is missing; quantize the model again." },
        { "scales of doubles", $"tensor '{Scale}' holds F64, expected F32; quantize the model again." },
        { "too few scales", $"tensor '{Scale}' is [3], expected [24], a scale for each row of '{Matrix}'; quantize the model again." },
        { "a NaN scale", $"tensor '{Scale}' row 2 is NaN, expected a finite number of at least 0; quantize the model again." },
        { "an infinite scale", $"tensor '{Scale}' row 2 is Infinity, expected a finite number of at least 0; quantize the model again." },
        { "a negative scale", $"tensor '{Scale}' row 2 is -1, expected a finite number of at least 0; quantize the model again." },
        { "another scale", $"tensor '{Matrix}' row 2 is not rounded with its scale 0.1: expected one step of 1/127 of the row's largest weight; "
            + $"quantize" },
        { "minus 128", $"tensor '{Matrix}' row 0 is not rounded with its scale" },
        { "one size", $"tensor '{Matrix}' is [96], expected [rows, columns]; quantize the model again." },
        { "eight-bit bias", "wrong: encoder.bias_ih_l0 holds I8, expected F32" },
        { "unmarked", $"wrong: encoder.weight_ih_l0 holds I8, expected F32, {Matrix} holds I8, expected F32" },
        { "more scales", "not expected: head.weight.scale [3]" },
        { "int4", "'m' is a model that is quantized in another way than to int8 or bfloat16, unroll.quantised; use a newer program." },
    };

    [Theory, MemberData(nameof(Faults))]
    public void What_is_not_as_it_should_be_is_refused_in_one_line(string fault, string expected)
    {
        string error = Assert.Throws<UserErrorException>(() => ModelFile.From(Broken(fault), "m").CopyInto(Network.Build(Spec()).Parameters)).Message;
        Assert.StartsWith("'m'", error);
        Assert.Contains(expected, error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_file_with_a_NaN_scale_is_refused_by_tensor_and_element()
    {
        Broken("a NaN scale").Write(_folder["nan"], NonFinite.Allowed);
        Assert.Contains($"tensor '{Scale}' [24], element 2 is NaN", Assert.Throws<UserErrorException>(() => ModelFile.Load(_folder["nan"])).Message);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_not_saved()
    {
        Network network = Filled(Spec());
        using (Edit edit = network.Parameters.Edit()) edit.Of(network.Parameters.Find(Matrix)!)[0] = float.NaN;
        string error = Assert.Throws<UserErrorException>(() => ModelFile.Save(_folder["m"], Spec(), "{}", network.Parameters,
            WeightPrecision.Int8)).Message;
        Assert.Contains($"parameter '{Matrix}', row 0, column 0", error);
    }

    [Fact]
    public void Other_orders_of_the_gates_are_converted()
    {
        TensorFile whole = SavedWithoutHash(), turned = new();
        foreach ((string key, string value) in whole.Metadata)
            turned.AddMetadata(key, key == "unroll.conventions" ? value.Replace("ifgo", "iofg") : value);
        foreach (Tensor tensor in whole.Tensors) turned.Add(tensor);
        Network network = Network.Build(Spec()), other = Network.Build(Spec());
        ModelFile.From(Hashed(whole), "m").CopyInto(network.Parameters);
        ModelFile.From(Hashed(turned), "m").CopyInto(other.Parameters);
        float[] expected = network.Parameters.Find(Matrix)!.Values.ToArray(), actual = other.Parameters.Find(Matrix)!.Values.ToArray();
        int gate = expected.Length / 4;                                  // read as i o f g: o is the second of the file's, f the third, g the fourth
        Assert.Equal([.. expected[..gate], .. expected[(2 * gate)..], .. expected[gate..(2 * gate)]], actual);
        float[] values = other.Parameters.Values.ToArray();
        other.Quantize();
        Assert.Equal(values, other.Parameters.Values);
    }

    [Fact]
    public void Bfloat16_is_saved_in_half_of_the_bytes_and_answers_the_same_bits()
    {
        foreach ((string name, CellOptions cell) in OwnCells.All.Variants)
        {
            NetworkSpec spec = Spec(cell, both: name.Length % 2 == 0);
            Network network = Filled(spec), floats = Filled(spec);
            network.Quantize(WeightPrecision.BFloat16);
            ModelFile.Save(_folder["m"], spec, "{}", network.Parameters, network.Precision, network.Cells);
            ModelFile file = ModelFile.Load(_folder["m"], OwnCells.All);
            Assert.Equal(WeightPrecision.BFloat16, file.Precision);
            Network loaded = Network.Build(file.Spec, file.Cells);
            file.CopyInto(loaded.Parameters);
            loaded.Quantize(file.Precision);
            Assert.Equal(network.Parameters.Values, loaded.Parameters.Values);
            Assert.Equal(Output(network), Output(loaded));
            ModelFile.Save(_folder["again"], spec, "{}", floats.Parameters, file.Precision, floats.Cells);       // rounded where it is written
            Assert.Equal(File.ReadAllBytes(_folder["m"]), File.ReadAllBytes(_folder["again"]));
        }
        ModelFile.Save(_folder["m"], Spec(), "{}", Filled(Spec()).Parameters, WeightPrecision.BFloat16);
        string header = File.ReadAllText(_folder["m"], System.Text.Encoding.Latin1);
        Assert.Contains("\"unroll.quantised\":\"bfloat16\"", header);
        Assert.Contains($"\"{Matrix}\":{{\"dtype\":\"BF16\",\"shape\":[24,4]", header);
        Assert.Contains("\"encoder.bias_ih_l0\":{\"dtype\":\"F32\"", header);
        Network read = Network.Build(Spec());
        ModelFile.Load(_folder["m"]).CopyInto(read.Parameters);
        Assert.Equal(TensorFile.Read(_folder["m"]).MetadataOf("unroll.weights_sha256"), WeightsHash.Compute(read.Parameters));
    }

    [Theory]
    [InlineData("floats", $"tensor '{Matrix}' holds 0.1, expected numbers of bfloat16, whose lower 16 bits are zero; quantize the model again.")]
    [InlineData("bytes", $"tensor '{Matrix}' holds I8, expected BF16 because the file says that its weights have 16 bits; quantize the model again.")]
    public void A_file_that_says_bfloat16_and_has_other_weights_is_refused(string fault, string expected)
    {
        ModelFile.Save(_folder["m"], Spec(), "{}", Filled(Spec()).Parameters, WeightPrecision.BFloat16);
        TensorFile whole = TensorFile.Read(_folder["m"]), file = new();
        foreach ((string key, string value) in whole.Metadata)
            if (key != "unroll.weights_sha256") file.AddMetadata(key, value);
        float[] wrong = [.. Enumerable.Repeat(0.1f, whole.Find(Matrix)!.Count)];
        foreach (Tensor tensor in whole.Tensors)
            file.Add(tensor.Name != Matrix ? tensor : fault == "floats" ? Tensor.Of(Matrix, tensor.Shape, wrong)
                : Tensor.Of(Matrix, tensor.Shape, new sbyte[tensor.Count]));
        Assert.Equal($"'m': {expected}", Assert.Throws<UserErrorException>(() => ModelFile.From(Hashed(file), "m")).Message);
    }

    private TensorFile Broken(string fault)
    {
        TensorFile whole = SavedWithoutHash(), file = new();
        foreach ((string key, string value) in whole.Metadata)
            if (key != "unroll.quantised") file.AddMetadata(key, value);
            else if (fault != "unmarked") file.AddMetadata(key, fault == "int4" ? "int4" : value);
        foreach (Tensor tensor in whole.Tensors)
            if (Changed(tensor, fault) is { } changed) file.Add(changed);
        if (fault == "more scales") file.Add(Tensor.Of("head.weight.scale", [3], [1f, 2, 3]));
        return Hashed(file);
    }

    private static Tensor? Changed(Tensor tensor, string fault)
    {
        Tensor With<T>(T value, ReadOnlySpan<T> of, Func<T[], Tensor> make, int at)
        {
            T[] values = of.ToArray();
            values[at] = value;
            return make(values);
        }
        Tensor ScaleOf(float value) => With(value, tensor.Float32, v => Tensor.Of(Scale, tensor.Shape, (ReadOnlySpan<float>)v), 2);
        return (tensor.Name, fault) switch
        {
            (Matrix, "floats") => Tensor.Of(Matrix, tensor.Shape, new float[tensor.Count]),
            (Matrix, "one size") => Tensor.Of(Matrix, [tensor.Count], tensor.Int8),
            (Matrix, "minus 128") => With<sbyte>(-128, tensor.Int8, v => Tensor.Of(Matrix, tensor.Shape, (ReadOnlySpan<sbyte>)v), 1),
            ("encoder.bias_ih_l0", "eight-bit bias") => Tensor.Of(tensor.Name, tensor.Shape, new sbyte[tensor.Count]),
            (Scale, "no scales") => null,
            (Scale, "scales of doubles") => Tensor.Of(Scale, tensor.Shape, new double[tensor.Count]),
            (Scale, "too few scales") => Tensor.Of(Scale, [3], [1f, 1, 1]),
            (Scale, "a NaN scale") => ScaleOf(float.NaN),
            (Scale, "an infinite scale") => ScaleOf(float.PositiveInfinity),
            (Scale, "a negative scale") => ScaleOf(-1),
            (Scale, "another scale") => ScaleOf(0.1f),
            _ => tensor,
        };
    }

    private static TensorFile Hashed(TensorFile file) => file.AddMetadata("unroll.weights_sha256", WeightsHash.Compute(file.Tensors));

    private TensorFile SavedWithoutHash()
    {
        Save();
        TensorFile whole = TensorFile.Read(_folder["m"]), file = new();
        foreach ((string key, string value) in whole.Metadata)
            if (key != "unroll.weights_sha256") file.AddMetadata(key, value);
        foreach (Tensor tensor in whole.Tensors) file.Add(tensor);
        return file;
    }

    private void Save() => ModelFile.Save(_folder["m"], Spec(), "{}", Filled(Spec()).Parameters, WeightPrecision.Int8);

    private static NetworkSpec Spec() => Spec(new CellOptions { Peepholes = true, Projection = 4 }, both: false);

    private static NetworkSpec Spec(CellOptions cell, bool both) => new(2,
    [
        new RecurrentSpec { Name = "encoder", Hidden = 6, Cell = cell, Layers = both ? 2 : 1, Direction = both ? Direction.Bidirectional
            : Direction.Forward },
        new DenseSpec { Name = "head", Outputs = 3 },
    ]);

    private static Network Filled(NetworkSpec spec)
    {
        Network network = Network.Build(spec, OwnCells.All);
        using Edit edit = network.Parameters.Edit();
        for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = (float)new Rng(3).Normal((ulong)i);
        return network;
    }

    private static float[] Output(Network network)
    {
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.FromLengths(3, 5), 2);
        for (int i = 0; i < x.All.Length; i++) x.All[i] = (float)new Rng(4).Normal((ulong)i);
        using ThreadTeam team = new(1);
        return network.Forward(x, null, new Pass(new Workspace(), team, new Rng(0), Training: false)).Output.All.ToArray();
    }
}

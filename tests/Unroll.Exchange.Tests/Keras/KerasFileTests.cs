using Unroll.Exchange.Hdf5.Keras;
using Unroll.Exchange.Hdf5.Keras.Writing;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Keras;

public sealed class KerasFileTests
{
    public static TheoryData<string> Names => [.. KerasCases.All.Select(one => one.Name)];

    // Float32 against double: sums of up to 20 products, through at most 7 steps of contracting states.
    [Theory, MemberData(nameof(Names))]
    public void A_file_of_Keras_gives_what_its_documented_equations_give(string name)
    {
        KerasCase one = KerasCases.All.Single(other => other.Name == name);
        KerasModel model = KerasCases.Read(one);
        float[][] rows = KerasCases.Run(KerasCases.Build(model), one.Inputs);
        for (int s = 0; s < rows.Length; s++)
        {
            Assert.Equal(one.Outputs[s].Length, rows[s].Length);
            double largest = rows[s].Zip(one.Outputs[s], (y, expected) => Math.Abs(y - expected)).Max();
            Assert.True(largest < 1e-6, $"sequence {s}: largest difference {largest}");
        }
        Assert.Equal(one.LeftOut, model.LeftOut);
        Assert.Equal(one.Symbols ?? [], model.Symbols);
        Assert.Equal(one.Unused, model.Unused);
        foreach (string note in one.Notes) Assert.Contains(model.Notes, said => said.Contains(note, StringComparison.Ordinal));
        if (one.LeftOut is { } word) Assert.Contains(model.Notes, said => said.Contains($"its {word} is left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_noted_where_nothing_is_lost()
    {
        foreach (string name in (string[])["lstm", "gru-after", "both-mul", "both-sum-last", "stacked", "norms", "legacy", "keras-2.12", "bare"])
            Assert.Empty(KerasCases.Read(KerasCases.All.Single(one => one.Name == name)).Notes);
    }

    [Fact]
    public void The_version_is_the_one_that_the_file_says_and_not_that_of_its_container()
    {
        string? Version(string name) => KerasCases.Read(KerasCases.All.Single(one => one.Name == name)).Version;
        Assert.Equal("3.8.0", Version("lstm"));
        Assert.Equal("2.12.0", Version("keras-2.12"));
        Assert.Equal("2.3.1", Version("legacy-both"));
        Assert.Equal("2.11.0", Version("legacy-weights"));
        Assert.Null(Version("bare"));
    }

    [Fact]
    public void Layers_keep_their_names_and_are_what_they_are_in_the_engine()
    {
        NetworkSpec spec = KerasCases.Read(KerasCases.All.Single(one => one.Name == "both-mul-last")).Spec;
        Assert.Equal(3, spec.Inputs);
        RecurrentSpec both = Assert.IsType<RecurrentSpec>(spec.Layers[0]);
        Assert.Equal(("my_bidirectional", 4, Direction.Bidirectional, "gru-after"), (both.Name, both.Hidden, both.Direction, both.Cell.Kind));
        Assert.Equal(Merge.Multiply, Assert.IsType<LastStatesSpec>(spec.Layers[1]).Merge);
        Assert.Equal(2, Assert.IsType<DenseSpec>(spec.Layers[2]).Outputs);
    }

    // The file, and the tensors that come of it; beside them nothing that grows with it.
    [Fact]
    public void Large_weights_take_twice_their_size_and_little_time()
    {
        const int Units = 1024;
        using TempFolder folder = new();
        Network network = Network.Build(new NetworkSpec(Units, [new RecurrentSpec { Name = "core", Hidden = Units }]));
        string config = KerasExport.Write(folder["m.weights.h5"], network).Files[2];
        long size = new FileInfo(folder["m.weights.h5"]).Length, before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(size > 32 << 20);
        KerasFile.Read(folder["m.weights.h5"], config);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2.2 * size);
    }
}

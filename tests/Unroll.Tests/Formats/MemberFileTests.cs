using Unroll.Core;
using Unroll.Formats;
using Unroll.Networks;

namespace Unroll.Tests.Formats;

/// <summary>Model files with the weights of several networks.</summary>
public sealed class MemberFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(WeightPrecision.Float32)]
    [InlineData(WeightPrecision.Int8)]
    [InlineData(WeightPrecision.BFloat16)]
    public void Each_member_is_read_as_it_was_written(WeightPrecision precision)
    {
        Network[] saved = [Filled(1), Filled(2), Filled(3)];
        foreach (Network network in saved) network.Quantize(precision);
        ModelFile.Save(_folder["m"], Spec, "{}", [.. saved.Select(network => network.Parameters)], precision);
        ModelFile file = ModelFile.Load(_folder["m"]);
        Assert.Equal((3, precision), (file.Members, file.Precision));
        for (int k = 0; k < 3; k++)
        {
            Network read = Network.Build(Spec);
            file.CopyInto(read.Parameters, k + 1);
            Assert.Equal(saved[k].Parameters.Values, read.Parameters.Values);
        }
        Assert.Contains("member.2.head.bias", TensorFile.Read(_folder["m"]).Tensors.Select(tensor => tensor.Name));
        if (precision != WeightPrecision.Int8)
            Assert.Equal(TensorFile.Read(_folder["m"]).MetadataOf("unroll.weights_sha256"),
                WeightsHash.Compute([.. saved.Select(network => network.Parameters)]));
    }

    [Fact]
    public void One_member_is_the_file_of_one_network()
    {
        Network one = Filled(1);
        ModelFile.Save(_folder["list"], Spec, "{}", [one.Parameters]);
        ModelFile.Save(_folder["single"], Spec, "{}", one.Parameters);
        Assert.Equal(File.ReadAllBytes(_folder["single"]), File.ReadAllBytes(_folder["list"]));
        Assert.Equal(WeightsHash.Compute(one.Parameters), WeightsHash.Compute([one.Parameters]));
    }

    [Theory]
    [InlineData("3", "member.1.", "member.1.", "'m, member 3' does not fit this network: missing: ")]
    [InlineData("2", "member.2.head.bias", "member.3.head.bias", "tensor 'member.3.head.bias' belongs to none of the 2 members")]
    [InlineData("2", "member.2.head.bias", "head.bias", "tensor 'head.bias' belongs to none of the 2 members")]
    [InlineData("2", "member.2.head.bias", "member.02.head.bias", "tensor 'member.02.head.bias' belongs to none")]
    [InlineData("1", "", "", "unroll.members: it is not a whole number from 2 to 100")]
    [InlineData("101", "", "", "unroll.members: it is not a whole number from 2 to 100")]
    [InlineData("two", "", "", "unroll.members: it is not a whole number from 2 to 100")]
    public void Another_number_or_other_names_are_refused(string members, string name, string becomes, string expected)
    {
        TensorFile file = Changed(members, tensor => name.Length > 0 && tensor.StartsWith(name, StringComparison.Ordinal)
            ? becomes + tensor[name.Length..] : tensor);
        string error = Assert.Throws<UserErrorException>(() =>
        {
            ModelFile model = ModelFile.From(file, "m");
            for (int k = 1; k <= model.Members; k++) model.CopyInto(Network.Build(Spec).Parameters, k);
        }).Message;
        Assert.Contains(expected, error);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_member_of_other_shapes_is_refused_before_it_is_read_and_when_it_is_written()
    {
        NetworkSpec wider = new(2, [new RecurrentSpec { Name = "encoder", Hidden = 4 }, new DenseSpec { Name = "head", Outputs = 1 }]);
        Network wide = Network.Build(wider);
        Assert.Throws<ArgumentException>(() => ModelFile.Save(_folder["m"], Spec, "{}", [Filled(1).Parameters, wide.Parameters]));
        TensorFile good = Changed("2", name => name), bad = new();
        foreach ((string key, string value) in good.Metadata) bad.AddMetadata(key, value);
        foreach (Tensor tensor in good.Tensors)
            bad.Add(tensor.Name == "member.2.head.bias" ? Tensor.Of(tensor.Name, [1, 1], [0f]) : tensor);
        bad.Write(_folder["bad"]);
        Assert.Contains("its network has head.bias [1], and the file [1, 1]",
            Assert.Throws<UserErrorException>(() => ModelFile.Load(_folder["bad"])).Message);
    }

    private static NetworkSpec Spec => new(2, [new RecurrentSpec { Name = "encoder", Hidden = 3 }, new DenseSpec { Name = "head", Outputs = 1 }]);

    private static Network Filled(ulong seed)
    {
        Network network = Network.Build(Spec);
        Initialization.Apply(network, new InitializationOptions(), new Rng(seed));
        return network;
    }

    // Without checksums, as an early file would be: what is looked at are names and numbers.
    private TensorFile Changed(string members, Func<string, string> name)
    {
        ModelFile.Save(_folder["two"], Spec, "{}", [Filled(1).Parameters, Filled(2).Parameters]);
        TensorFile two = TensorFile.Read(_folder["two"]), changed = new();
        foreach ((string key, string value) in two.Metadata)
            if (key is not ("unroll.header_sha256" or "unroll.weights_sha256"))
                changed.AddMetadata(key, key switch { "unroll.members" => members, "unroll.version" => "1", _ => value });
        foreach (Tensor tensor in two.Tensors) changed.Add(Tensor.Of(name(tensor.Name), tensor.Shape, tensor.Float32));
        return changed;
    }
}

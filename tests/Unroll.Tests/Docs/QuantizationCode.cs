// README: quantize
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers;
using Unroll.Networks;
// end
using Unroll.Tests.Formats;

namespace Unroll.Tests.Docs;

/// <summary>The code of docs/quantization.md.</summary>
public sealed class QuantizationCode : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_network_is_quantized_saved_and_opened_again()
    {
        NetworkSpec spec = new(3, [new RecurrentSpec { Name = "encoder", Hidden = 8 }, new DenseSpec { Name = "head", Outputs = 1 }]);
        Network network = Network.Build(spec);
        string path = _folder["small.safetensors"];
        float[] x = [0.1f, -0.2f, 0.3f], y = new float[1];
        // README: quantize
        network.Quantize();                                     // rounds the weights to 8 bits; from here on for inference alone
        ModelFile.Save(path, network.Spec, "{}", network.Parameters, network.Precision);

        ModelFile file = ModelFile.Load(path);
        Network small = Network.Build(file.Spec);
        file.CopyInto(small.Parameters);
        small.Quantize(file.Precision);

        State state = small.NewState(sequences: 1);
        small.Step(x, state, y);
        // end
        Assert.Equal(WeightPrecision.Int8, small.Precision);
    }
}

namespace Unroll.Exchange.Tests.Keras;

public sealed class KerasCommandTests
{
    [Fact]
    public void A_model_of_Keras_comes_in_and_goes_out_with_the_same_bits()
    {
        using TempFolder folder = new();
        string first = folder["first.safetensors"], again = folder["again.safetensors"];
        string said = CliRun.Of("import", KerasCases.Path_("bare.weights.h5"), "--model-config", KerasCases.Path_("bare.config.json"),
            "--output", first).Done();
        Assert.Contains("5 used, none left over", said);
        said = CliRun.Of("convert", first, folder["out.weights.h5"]).Done();
        Assert.Contains("read back and run: largest |Δ| 0 of", said);
        Assert.Contains("layers.GRU(units=4, reset_after=True, return_sequences=True", File.ReadAllText(folder["out.weights.py"]));
        CliRun.Of("import", folder["out.weights.h5"], "--model-config", folder["out.weights.json"], "--output", again).Done();
        Assert.Equal(WeightsHashOf(first), WeightsHashOf(again));
    }

    [Fact]
    public void What_was_left_out_is_said_and_stays_with_the_model()
    {
        using TempFolder folder = new();
        CliRun run = CliRun.Of("import", KerasCases.Path_("vocabulary.keras"), "--output", folder["m.safetensors"]);
        run.Done();
        Assert.Contains("note: layer 'my_dense' (Dense): its sigmoid is left out", run.Error);
        string info = CliRun.Of("info", folder["m.safetensors"]).Done();
        Assert.Contains("its sigmoid is left out", info);
        Assert.Contains("of 5 symbols", info);
    }

    [Fact]
    public void A_refused_file_leaves_no_model()
    {
        using TempFolder folder = new();
        Assert.Contains("Python code, which is never run",
            CliRun.Of("import", KerasCases.Path_("refused-lambda.keras"), "--output", folder["m.safetensors"]).Refused());
        Assert.Contains("model-config", CliRun.Of("import", KerasCases.Path_("bare.weights.h5"), "--output", folder["m.safetensors"]).Refused());
        Assert.Contains("which layers it has", CliRun.Of("import", KerasCases.Path_("lstm.keras"), "--pooling", "last", "--output",
            folder["m.safetensors"]).Refused());
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static string WeightsHashOf(string path) => Formats.ModelFile.Load(path) is var file
        ? string.Join(' ', file.Tensors.Select(tensor => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(tensor.Bytes)))) : "";
}

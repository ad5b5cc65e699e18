using System.Text.Json;
using Unroll.Exchange.Importing;

namespace Unroll.Exchange.Tests.Lifting;

/// <summary>What was imported is trained on.</summary>
public sealed class TrainedOnTests
{
    [Fact]
    public void A_character_model_is_imported_and_trained_on_by_lm()
    {
        using TempFolder folder = new();
        string text = folder.Write("text.txt", string.Concat(Enumerable.Repeat("abcdefgh hgfedcba ", 60)));
        string symbols = folder.Write("symbols.txt", string.Join('\n', "<unk>", "\\s", "a", "b", "c", "d", "e", "f", "g", "h", "<x>") + "\n");
        CliRun import = CliRun.Of("import", Fixture.Path("char-zero"), "--vocabulary", symbols, "--output", folder["net.safetensors"]);
        Assert.Contains("model: ", import.Done());
        double Loss(params string[] more)
        {
            CliRun run = CliRun.Of(["train", "lm", "--data", text, "--embedding", "5", "--hidden", "6", "--layers", "2", "--epochs", "1", "--seed", "1",
                "--runs", folder.Path, "--json", .. more]);
            run.Done();
            return run.Json.GetProperty("valid").GetProperty("loss").GetDouble();
        }
        double before = Loss("--from", folder["net.safetensors"], "--learning-rate", "1e-9"), after = Loss("--from", folder["net.safetensors"]);
        Assert.True(after < before - 0.05, $"{before} → {after}");
    }
}

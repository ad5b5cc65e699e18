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
            CliRun run = CliRun.Of(["train", "lm", "--data", text, "--embedding", "5", "--hidden", "6", "--layers", "2", "--dropout", "0", "--batch",
                "2",
                "--bptt", "16", "--from", folder["net.safetensors"], "--runs", folder.Path, "--json", .. more]);
            run.Done();
            return run.Json.GetProperty("nats_per_character").GetDouble();
        }
        double before = Loss("--lr", "1e-9", "--epochs", "1"), after = Loss("--lr", "0.02", "--epochs", "4");
        Assert.True(after < before - 0.3, $"{before} → {after}");
    }
}

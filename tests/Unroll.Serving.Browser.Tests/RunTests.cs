using Microsoft.AspNetCore.Builder;
using static Microsoft.Playwright.Assertions;

namespace Unroll.Serving.Browser.Tests;

/// <summary>Training runs as they go.</summary>
public sealed class RunTests(Site site) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-runs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Curves_grow_with_the_run_on_a_server_without_a_model()
    {
        string run = Directory.CreateDirectory(Path.Combine(_folder, "trained")).FullName, metrics = Path.Combine(run, "metrics.jsonl");
        File.WriteAllText(Path.Combine(run, "config.json"), "{\"task\":\"forecast\",\"epochs\":9,\"data\":\"/secret/place.csv\"}");
        File.WriteAllText(metrics, Epoch(1, 0.5) + Epoch(2, 0.4));
        WebApplication server = await site.Serve(0, options => options.Runs = _folder, "none");
        await using (server)
        {
            await using Visit visit = await site.Open("", address: server.Urls.Single(), waits: false);
            await visit.Expect("#runs", "trained (forecast): 2 epochs of at most 9. Loss 0.4000, score 0.8000.");
            await visit.Expect("#status", "No model is served");
            await Expect(visit["#runs .curves"].First).ToHaveAttributeAsync("aria-label", "Loss of 2 epochs");
            File.AppendAllText(metrics, Epoch(3, 0.3) + "{\"epoch\":4,");          // a line that is being written is not there yet
            await visit.Expect("#runs", "3 epochs of at most 9. Loss 0.3000");
            await Expect(visit["#runs .curves canvas"].First).ToBeVisibleAsync();
            File.WriteAllText(Path.Combine(run, "model.safetensors"), "");
            await visit.Expect("#runs", "It has ended.");
            Assert.DoesNotContain("secret", await visit.Page.ContentAsync());
            await visit.Field("Second chart").SelectOptionAsync("learning_rate");
            await Expect(visit["#runs .curves"].Last).ToHaveAttributeAsync("aria-label", "learning rate of 3 epochs");
        }
    }

    [Fact]
    public async Task A_server_without_a_folder_of_runs_shows_none()
    {
        await using Visit visit = await site.Open("orders");
        await visit.Until("#status", text => text.StartsWith("Connected"), "it is connected");
        await Expect(visit["#runs"]).ToBeHiddenAsync();
    }

    private static string Epoch(int epoch, double loss) => FormattableString.Invariant(
        $"{{\"epoch\":{epoch},\"steps\":{10 * epoch},\"loss\":{loss},\"score\":{2 * loss},\"best\":true,") + FormattableString.Invariant(
        $"\"learning_rate\":0.001,\"gradient_norm\":{loss / 2}}}\n");
}

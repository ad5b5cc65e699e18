using System.Text.Json;
using Unroll.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>Models with several members from the command line: trained, measured, inspected, quantized, combined, trained on, in folds.</summary>
public sealed class MemberCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Data
    {
        get
        {
            string[] good = ["fine", "lovely", "moving"], bad = ["dull", "clumsy", "tired"];
            string path = _folder["reviews.tsv"];
            File.WriteAllLines(path, Enumerable.Range(0, 63).Select(i =>
                $"{(i % 2 == 0 ? "good" : "bad")}\ta {(i % 2 == 0 ? good : bad)[i / 2 % 3]} film number {i}"));
            return path;
        }
    }

    private CliRun Train(string run, params string[] more) => CliRun.Of(["train", "classify", "--data", Data, "--runs", _folder["runs"], "--run", run,
        "--json", "--hidden", "4", "--embedding", "4", "--epochs", "3", "--batch", "8", .. more]);

    private string Model(string run) => Path.Combine(_folder["runs"], run, "model.safetensors");

    [Fact]
    public void Members_are_trained_measured_together_and_alone_and_described()
    {
        CliRun run = Train("all", "--members", "3", "--threads", "2");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("members: 3 networks, whose mean is the answer; seeds 1 … 3", run.Error);
        Assert.Contains("member 2/3  epoch    1/3", run.Error);
        Assert.Contains("3 members, each alone (mean ± standard deviation) and all together:", run.Error);
        JsonElement members = run.Json.GetProperty("members");
        double[] each = [.. members.GetProperty("each").EnumerateArray().Select(one => one.GetProperty("accuracy").GetDouble())];
        Assert.Equal(3, each.Length);
        Assert.Equal(each.Average(), members.GetProperty("mean").GetProperty("accuracy").GetDouble(), 9);
        Assert.Equal([1, 2, 3], run.Json.GetProperty("member_runs").EnumerateArray().Select(one => one.GetProperty("training_seed").GetInt32()));
        string page = File.ReadAllText(run.Json.GetProperty("report").GetString()!);
        Assert.Contains("mean ± deviation", page);

        CliRun again = CliRun.Of("evaluate", Model("all"), "--json");
        Assert.Equal(members.GetRawText(), again.Json.GetProperty("members").GetRawText());
        CliRun info = CliRun.Of("info", Model("all"), "--json");
        Assert.Equal(3, info.Json.GetProperty("members").GetInt32());
        Assert.Contains("members: 3 networks", info.Error);
        CliRun inspect = CliRun.Of("inspect", Model("all"), "--member", "2", "--json", "--output", _folder["page.html"]);
        Assert.True(inspect.Exit == 0, inspect.Error);
        Assert.Equal(2, inspect.Json.GetProperty("member").GetInt32());
        Assert.Contains("--member: expected a whole number from 1 to 3, got 4",
            CliRun.Of("inspect", Model("all"), "--member", "4", "--output", _folder["p.html"]).Refused());
        Assert.Equal(0, CliRun.Of("quantize", Model("all"), "--output", _folder["int8.safetensors"]).Exit);
        Assert.Equal(3, TaskList.Open(_folder["int8.safetensors"]).Members.Count);
        Assert.Equal(0, CliRun.Of("predict", _folder["int8.safetensors"], "--data", Data).Exit);
    }

    [Fact]
    public void Models_of_other_training_seeds_are_combined_and_others_refused_by_the_first_difference()
    {
        foreach (string seed in (string[])["4", "9", "5"]) Assert.Equal(0, Train($"seed{seed}", "--training-seed", seed).Exit);
        string to = _folder["both.safetensors"];
        CliRun both = CliRun.Of("combine", Model("seed4"), Model("seed9"), "--output", to, "--json");
        Assert.True(both.Exit == 0, both.Error);
        Assert.Contains("seeds 4, 9", both.Error);
        Assert.Equal([4UL, 9], TaskList.Open(to).Members.Select(member => member.Options.LearningSeed));
        Assert.Equal(0, CliRun.Of("evaluate", to).Exit);
        CliRun three = CliRun.Of("combine", to, Model("seed5"), "--output", _folder["three.safetensors"], "--json");
        Assert.Equal(3, three.Json.GetProperty("members").GetInt32());
        Assert.Contains("would count twice", CliRun.Of("combine", to, Model("seed4"), "--output", _folder["twice.safetensors"]).Refused());

        Assert.Equal(0, Train("seeded", "--seed", "2").Exit);
        Assert.Contains("was trained on another training part", CliRun.Of("combine", Model("seed4"), Model("seeded"), "--output", to).Refused());
        Assert.Equal(0, Train("wider", "--hidden", "5").Exit);
        Assert.Contains("has hidden 5, and", CliRun.Of("combine", Model("seed4"), Model("wider"), "--output", to).Refused());
        Assert.Contains("is one of the models", CliRun.Of("combine", Model("seed4"), Model("seed9"), "--output", Model("seed9")).Refused());
        Assert.Contains("two models at least", CliRun.Of("combine", Model("seed4"), "--output", to).Refused());
    }

    [Fact]
    public void One_member_is_trained_on_and_a_cross_validation_trains_members_of_each_fold()
    {
        Assert.Equal(0, Train("all", "--members", "2").Exit);
        CliRun more = Train("more", "--from", Model("all"), "--from-member", "2", "--epochs", "1");
        Assert.True(more.Exit == 0, more.Error);
        Assert.Single(TaskList.Open(Model("more")).Members);
        Assert.Contains("--from-member: expected 1 to 2", CliRun.Of("train", "classify", "--data", Data, "--runs", _folder["runs"], "--run", "x",
            "--from", Model("all"), "--from-member", "3").Refused());
        Assert.Contains("--from-member: there is no model", CliRun.Of("train", "classify", "--data", Data, "--runs", _folder["runs"], "--run", "x",
            "--from-member", "3").Refused());

        CliRun folds = Train("folds", "--members", "2", "--folds", "3", "--cross-validate", "--epochs", "1");
        Assert.True(folds.Exit == 0, folds.Error);
        Assert.Equal(2, TaskList.Open(Path.Combine(_folder["runs"], "folds", "fold-1", "model.safetensors")).Members.Count);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder["runs"], "folds", "fold-0", "members", "2", "checkpoints")));
    }
}

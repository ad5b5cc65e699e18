using System.Text.Json;
using Unroll.Cli.Lab;
using Unroll.Cli.Lab.Statistics;
using Unroll.Cli.Lab.Zoo;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Synthetic;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli.Lab;

public sealed class ZooLabTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tiny_run_ranks_cells_of_equal_parameters_and_does_not_depend_on_the_number_of_threads()
    {
        JsonElement one = Run("--threads", "1"), three = Run("--threads", "3");
        foreach (string name in (string[])["ranks", "recall", "text", "decay of the gradient", "tuning"])
            Assert.Equal(Table(one, name).GetRawText(), Table(three, name).GetRawText());
        JsonElement[] recall = [.. Table(one, "recall").GetProperty("rows").EnumerateArray()];
        Assert.Equal(["gru", "lstm", "rnn"], recall.Select(row => row[0].GetString()).Order());
        Assert.All(recall, row => Assert.InRange(row[2].GetInt32(), 540, 660));            // a unit is at most a tenth of 600 parameters
        Assert.Equal(6, Table(one, "ranks").GetProperty("rows").EnumerateArray().Sum(row => row[1].GetDouble()), 9);        // 1 + 2 + 3
        Assert.Equal("lstm", Assert.Single(recall, row => row[8].ValueKind == JsonValueKind.String)[0].GetString());        // no difference to itself
        Assert.Equal(3, Table(one, "time per training step").GetProperty("rows").GetArrayLength());
        Assert.StartsWith("one cell is the best", one.GetProperty("verdicts")[0].GetProperty("claim").GetString());
        Assert.Contains("Learning curves of all cells", File.ReadAllText(_folder["zoo.html"]));
    }

    private JsonElement Run(params string[] more)
    {
        CliRun run = CliRun.Of(["lab", "zoo", "--cells", "rnn,gru,lstm", "--tasks", "recall,text", "--parameters", "600", "--updates", "4",
            "--seeds", "2", "--rates", "0.01,0.03", "--json", "--output", _folder["zoo.html"], .. more]);
        Assert.Equal("", run.Exit == 0 ? "" : run.Error);
        return run.Json;
    }

    private static JsonElement Table(JsonElement json, string name) =>
        json.GetProperty("tables").EnumerateArray().Single(table => table.GetProperty("name").GetString() == name);

    // SRU uses x unit by unit: a dense layer below brings it to the units' width. The file has another number of parameters than the zoo's.
    [Fact]
    public void Cells_of_the_zoo_and_of_files_are_compared_with_built_in_ones()
    {
        string file = _folder["leaky.cell"];
        File.WriteAllText(file, "cell leaky\nh = 0.5 * h_prev + 0.5 * tanh(W x + U h_prev + b)\n");
        CliRun run = CliRun.Of("lab", "zoo", "--cell", $"lstm,sru,slstm,{file}", "--tasks", "recall", "--parameters", "600", "--updates", "2",
            "--seeds", "2", "--rates", "0.01", "--json", "--output", _folder["zoo.html"]);
        Assert.Equal("", run.Exit == 0 ? "" : run.Error);
        JsonElement[] rows = [.. Table(run.Json, "recall").GetProperty("rows").EnumerateArray()];
        Assert.Equal([file, "lstm", "slstm", "sru"], rows.Select(row => row[0].GetString()!).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.InRange(row[2].GetInt32(), 500, 700));
        Assert.Equal("enter", ProblemTask.NetworkFor(new DelayedRecall(3), LabCells.Find("sru").Options, 5).Layers[0].Name);
    }

    [Theory]
    [InlineData("--tasks", "recal", "--tasks: there is no 'recal'; did you mean 'recall'? Expected some of adding, copy,")]
    [InlineData("--cells", "lstn,gru", "--cells: there is no 'lstn' (did you mean 'lstm'?)")]
    [InlineData("--cells", "gru", "--cells: expected at least two cells to compare, got one")]
    [InlineData("--seeds", "1", "--seeds: expected a whole number from 2 to 500, got 1.")]
    [InlineData("--rates", "0.01,2", "--rates: expected numbers above 0 and at most 1, such as 0.003,0.01, got 2.")]
    public void What_cannot_be_compared_is_refused_before_the_work(string option, string value, string message) =>
        Assert.Contains(message, CliRun.Of("lab", "zoo", option, value, "--output", _folder["z.html"]).Refused());

    [Fact]
    public void Equal_values_share_the_mean_of_their_places() =>
        Assert.Equal([2.5, 1, 2.5, 4], RankCorrelation.Ranks([0.3, 0.1, 0.3, 0.9]));

    // Two cells, two tasks, two seeds: the first has the ranks 1, 2 on the one task and 1, 1 on the other.
    [Fact]
    public void A_rank_is_the_mean_over_seeds_and_tasks()
    {
        ZooRank[] ranks = [.. ZooRank.Of([[[0.1, 0.5], [0.2, 0.2]], [[0.4, 0.4], [0.3, 0.3]]])];
        Assert.Equal([1.5, 1], ranks[0].Tasks);
        Assert.Equal(1.25, ranks[0].Mean.Mean, 12);
        Assert.Equal(1.75, ranks[1].Mean.Mean, 12);
    }

    // p of the larger of two differences is doubled, the reference has none.
    [Fact]
    public void Differences_are_paired_with_the_reference_and_corrected_for_all_cells()
    {
        ZooDifference?[] all = [.. ZooDifference.Of([[0.5, 0.52, 0.48], [0.1, 0.11, 0.09], [0.4, 0.6, 0.5]], 0)];
        Assert.Null(all[0]);
        Assert.Equal("better", all[1]!.Word);
        Assert.Equal(2 * all[1]!.Difference.P, all[1]!.Corrected, 12);
        Assert.Equal("", all[2]!.Word);
    }

    [Theory]
    [InlineData(new[] { 1.0, 2, 3, 4, 5 }, new[] { 5.0, 4, 3, 2, 1 }, -1, 0)]
    [InlineData(new[] { 1.0, 2, 3, 4, 5 }, new[] { 1.0, 4, 9, 16, 15 }, 0.9, 0.0374)]       // 1 − 6·2 / (5·24); t = 0.9 √(3 / 0.19)
    [InlineData(new[] { 1.0, 1, 1, 1, 1 }, new[] { 1.0, 2, 3, 4, 5 }, 0, 1)]
    public void The_rank_correlation_is_spearmans(double[] a, double[] b, double rho, double p)
    {
        RankCorrelation correlation = RankCorrelation.Of(a, b);
        Assert.Equal(rho, correlation.Rho, 12);
        Assert.Equal(p, correlation.P, 4);
    }

    [Fact]
    public void The_generated_text_is_made_of_its_sentences_and_knows_its_entropy()
    {
        GeneratedText problem = new(30);
        string text = GeneratedText.Text(2000, new Rng(5), out double nats);
        Assert.Matches(@"^(\([a-z ]+\) |[a-z ]+\. )+$", text);
        Assert.Contains(" that ", text);
        Assert.Equal(problem.Entropy, nats / text.Length, 0.05);                            // choices of 2,000 characters scatter by some hundredths
        Assert.InRange(problem.Entropy, 0.3, 0.8 * problem.BaselineLoss);
        ProblemSequence one = problem.Draw(30, new Rng(5));
        for (int t = 0; t < 29; t++)                                                        // each answer is the next input
            Assert.Equal(1, one.Inputs[(t + 1) * problem.Inputs + (int)one.Answers[t]]);
    }

    [Fact]
    public void An_opinion_is_about_the_thing_asked_about()
    {
        string[] good = ["good", "lovely", "moving", "clever", "warm"], denials = ["not", "never", "hardly"];
        Opinions problem = new(3);
        int likes = 0;
        for (ulong i = 0; i < 200; i++)
        {
            (string[] words, bool liked) = problem.Text(new Rng(7).At(i));
            Assert.InRange(words.Length, 15, problem.MaxSteps);
            string judged = Assert.Single(string.Join(' ', words[2..^1]).Split(" and "), part => part.Contains($" {words[0]} was "));
            string[] after = judged.Split(' ')[3..];
            Assert.Equal(liked, good.Contains(after[^1]) != denials.Contains(after[0]));
            if (liked) likes++;
        }
        Assert.InRange(likes, 70, 130);                                                     // 100 ± 7
    }

    // A vanilla network with a small recurrent matrix forgets at every step; the norms are those of ∂L/∂h, from the first step to the last.
    [Fact]
    public void The_gradient_of_a_vanilla_network_decays_on_its_way_back()
    {
        using ThreadTeam alone = new(1);
        DelayedRecall recall = new(12);
        double[] norms = ZooDecay.Norms(recall, ProblemTraining.Fresh(recall, LabCells.Find("rnn"), 8, 3), 3, alone);
        Assert.Equal(13, norms.Length);
        Assert.InRange(ZooDecay.FirstToLast(norms), 0, 0.01);
        Assert.Equal(1, ZooDecay.Back(norms, 0));
    }
}

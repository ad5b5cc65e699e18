using System.Text.Json;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>The main job from end to end, with few and small steps.</summary>
public sealed class TrainForecastTests : IDisposable
{
    private static readonly string[] s_quick = ["train", "forecast", "--data", "airline", "--hidden", "4", "--epochs", "3", "--threads", "1",
        "--json"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Runs => _folder["runs"];

    private JsonElement Train(string run, params string[] more) => Done([.. s_quick, "--runs", Runs, "--run", run, .. more]).Json;

    private static CliRun Done(params string[] args)
    {
        CliRun run = CliRun.Of(args);
        Assert.True(run.Exit == 0, run.Error);
        return run;
    }

    private string Model(string run) => Path.Combine(Runs, run, "model.safetensors");

    [Fact]
    public void A_run_ends_with_one_object_of_measures()
    {
        JsonElement json = Train("a");
        foreach (string key in (string[])["rmse", "persistence_rmse", "seasonal_naive_rmse", "ar_rmse", "mae", "smape", "mase", "coverage", "seconds",
            "epochs"])
            Assert.True(json.GetProperty(key).GetDouble() > 0, key);
        Assert.Equal(64, json.GetProperty("weights_sha256").GetString()!.Length);
        Assert.Equal(Model("a"), json.GetProperty("model").GetString());
        Assert.True(File.Exists(Model("a")));
        Assert.Equal(3, File.ReadAllLines(Path.Combine(Runs, "a", "metrics.jsonl")).Length);
    }

    // What the front page promises; a few seconds each.
    [Fact]
    public void The_default_run_is_8_percent_below_persistence_and_within_2_percent_of_the_autoregression()
    {
        JsonElement json = Done("train", "forecast", "--runs", Runs, "--json").Json;
        double Of(string key) => json.GetProperty(key).GetDouble();
        Assert.True(Of("rmse") <= 0.92 * Of("persistence_rmse"), $"{Of("rmse")} against {Of("persistence_rmse")}");
        Assert.True(Of("rmse") <= 1.02 * Of("ar_rmse"), $"{Of("rmse")} against {Of("ar_rmse")}");
        Assert.InRange(Of("coverage"), 0.85, 0.95);
    }

    [Fact]
    public void The_airline_run_is_below_the_seasonal_naive_forecast()
    {
        JsonElement json = Done("train", "forecast", "--data", "airline", "--runs", Runs, "--json").Json;
        Assert.True(json.GetProperty("rmse").GetDouble() < 0.5 * json.GetProperty("seasonal_naive_rmse").GetDouble());
        Assert.InRange(json.GetProperty("coverage").GetDouble(), 0.8, 1);
    }

    [Fact]
    public void Evaluating_the_model_on_its_data_repeats_the_measures_of_the_run()
    {
        JsonElement trained = Train("a"), evaluated = Done("evaluate", Model("a"), "--json").Json;
        foreach (string key in (string[])["rmse", "mae", "coverage", "persistence_rmse", "ar_rmse", "weights_sha256"])
            Assert.Equal(trained.GetProperty(key).ToString(), evaluated.GetProperty(key).ToString());
    }

    [Fact]
    public void A_forecast_continues_the_dates_and_lies_in_its_interval()
    {
        Train("a", "--horizon", "3");
        Done("predict", Model("a"), "--output", _folder["out.csv"]);
        string[] lines = File.ReadAllLines(_folder["out.csv"]);
        Assert.Equal("month,column,forecast,lower,upper", lines[0]);
        Assert.Equal(["1961-01", "1961-02", "1961-03"], lines[1..].Select(l => l.Split(',')[0]));
        foreach (string line in lines[1..])
        {
            double[] v = [.. line.Split(',')[2..].Select(double.Parse)];
            Assert.True(v[1] <= v[0] && v[0] <= v[2] && v[0] is > 300 and < 700, line);
        }
    }

    [Fact]
    public void Beyond_its_horizon_a_model_goes_on_from_its_own_forecasts_less_and_less_sure()
    {
        Train("a");
        JsonElement[] points = [.. Done("predict", Model("a"), "--horizon", "14", "--json").Json.GetProperty("forecasts").EnumerateArray()];
        double Width(JsonElement p) =>
            (p.GetProperty("upper").GetDouble() - p.GetProperty("lower").GetDouble()) / p.GetProperty("forecast").GetDouble();
        Assert.Equal(14, points.Length);
        Assert.True(Width(points[12]) > Width(points[0]));
        Assert.Equal("1962-02", points[^1].GetProperty("time").GetString());
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit() =>
        Assert.Equal(Train("a").GetProperty("weights_sha256").GetString(), Train("b", "--threads", "2").GetProperty("weights_sha256").GetString());

    [Fact]
    public void Stopped_and_resumed_it_ends_with_the_bits_of_an_undisturbed_run()
    {
        string whole = Train("a", "--epochs", "6").GetProperty("weights_sha256").GetString()!;
        CancellationTokenSource stop = new();
        StopAfterLine error = new(stop, "epoch    2/6");
        string[] args = [.. s_quick, "--runs", Runs, "--run", "b", "--epochs", "6"];
        int exit = Unroll.Cli.CommandLine.Run(args, new Unroll.Cli.Terminal(() => Stream.Null, new StringWriter(), error, Live: false),
            new Unroll.Cli.Interruption(stop.Token));
        Assert.Equal(130, exit);
        Assert.True(File.Exists(Model("b")), "what was learned is saved");
        Assert.Equal(whole, Done("train", "forecast", "--resume", "--runs", Runs, "--run", "b", "--json").Json.GetProperty("weights_sha256")
            .GetString());
    }

    [Fact]
    public void A_run_that_is_looked_into_ends_with_the_same_bits_and_shows_it_on_its_page()
    {
        JsonElement plain = Train("a"), watched = Train("b", "--inspect", "every=2");
        Assert.Equal(plain.GetProperty("weights_sha256").GetString(), watched.GetProperty("weights_sha256").GetString());
        Assert.Contains("Inside encoder.l0 during training", File.ReadAllText(watched.GetProperty("report").GetString()!));
        Assert.False(File.Exists(Path.Combine(Runs, "a", "inspect.jsonl")));
        Assert.True(File.ReadAllLines(Path.Combine(Runs, "b", "inspect.jsonl")).Length >= 4);
        foreach (string wrong in (string[])["every=0", "every=x", "50"])
            Assert.Contains("--inspect: expected every=N", CliRun.Of([.. s_quick, "--runs", Runs, "--run", "c", "--inspect", wrong]).Refused());
        Assert.False(Directory.Exists(Path.Combine(Runs, "c")));
    }

    [Fact]
    public void A_run_through_whole_series_resumes_to_the_bit_with_its_state()
    {
        string whole = Train("a", "--bptt", "4,12").GetProperty("weights_sha256").GetString()!;
        CancellationTokenSource stop = new();
        StopAfterLine error = new(stop, "epoch    1/3");
        string[] args = [.. s_quick, "--runs", Runs, "--run", "b", "--bptt", "4,12"];
        Assert.Equal(130, Unroll.Cli.CommandLine.Run(args, new Unroll.Cli.Terminal(() => Stream.Null, new StringWriter(), error, Live: false),
            new Unroll.Cli.Interruption(stop.Token)));
        JsonElement resumed = Done("train", "forecast", "--resume", "--runs", Runs, "--run", "b", "--json").Json;
        Assert.Equal(whole, resumed.GetProperty("weights_sha256").GetString());
    }

    [Fact]
    public void A_state_cannot_be_carried_on_by_a_network_that_looks_ahead() => Assert.Contains("looks ahead in time",
        CliRun.Of([.. s_quick, "--runs", Runs, "--bptt", "4,12", "--direction", "both"]).Refused());

    [Fact]
    public void Data_that_changed_are_not_resumed_with()
    {
        string csv = "y\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{Math.Sin(i / 5.0):F4}\n"));
        File.WriteAllText(_folder["y.csv"], csv);
        Train("a", "--data", _folder["y.csv"]);
        int validation = csv.IndexOf('\n', csv.Length * 7 / 10) + 1;
        int test = csv.LastIndexOf('\n', csv.Length - 2) + 1;
        foreach ((string part, string changed) in ((string, string)[])
            [("training", csv.Replace("0.1987", "0.1988")), ("validation", csv[..validation] + "0.5" + csv[csv.IndexOf('\n', validation)..]),
            ("test", csv[..test] + "0.5\n")])
        {
            File.WriteAllText(_folder["y.csv"], changed);
            Assert.Contains($"is of a run on other data: the {part} part changed since it began; give it the data of then",
                CliRun.Of("train", "forecast", "--resume", "--runs", Runs, "--run", "a").Refused());
        }
    }

    [Fact]
    public void A_run_leaves_a_page_that_shows_it()
    {
        string page = File.ReadAllText(Train("a").GetProperty("report").GetString()!);
        Assert.Contains("passengers", page);
        Assert.Contains("persistence", page);
    }

    [Fact]
    public void Dropout_without_layers_to_drop_between_is_noted()
    {
        CliRun run = CliRun.Of([.. s_quick, "--runs", Runs, "--dropout", "0.2"]);
        Assert.Contains("note: dropout is between layers, and there is one layer", run.Error);
    }

    [Fact]
    public void A_resumed_run_keeps_its_options()
    {
        Train("a");
        Assert.Contains("goes on with the options it was started with",
            CliRun.Of("train", "forecast", "--resume", "--runs", Runs, "--run", "a", "--hidden", "8").Refused());
    }

    [Fact]
    public void A_model_can_be_trained_on_but_not_changed()
    {
        string before = Train("a").GetProperty("weights_sha256").GetString()!;
        CliRun on = Done("train", "forecast", "--from", Model("a"), "--epochs", "4", "--runs", Runs, "--run", "b", "--json");
        Assert.NotEqual(before, on.Json.GetProperty("weights_sha256").GetString());
        Assert.Contains("hidden: the model has 4", CliRun.Of("train", "forecast", "--from", Model("a"), "--hidden", "8", "--runs", Runs).Refused());
    }

    [Fact]
    public void What_is_typed_wins_over_an_earlier_name_in_the_configuration_file()
    {
        File.WriteAllText(_folder["c.json"], "{\"decay\": 0.5, \"bidirectional\": true, \"epochs\": 1, \"schedule\": \"step\"}");
        Done("train", "forecast", "--config", _folder["c.json"], "--lr-factor", "0.2", "--direction", "forward", "--hidden", "3", "--runs", Runs,
            "--run", "a");
        string config = File.ReadAllText(Path.Combine(Runs, "a", "config.json"));
        Assert.Contains("\"decay\": 0.2", config);
        Assert.Contains("\"direction\": \"forward\"", config);
    }

    [Fact]
    public void An_option_by_two_of_its_names_is_refused() => Assert.Contains(
        "--lr-factor and --decay: they are one option, --lr-factor; give it once",
        CliRun.Of("train", "forecast", "--decay", "0.5", "--lr-factor", "0.2", "--runs", Runs).Refused());

    [Fact]
    public void What_is_typed_wins_over_the_configuration_file()
    {
        File.WriteAllText(_folder["c.json"],
            "{\"data\": \"airline\", \"hidden\": 5, \"epochs\": 2, /* a remark */ \"split\": [0.5, 0.3], \"bidirectional\": false}");
        Done("train", "forecast", "--config", _folder["c.json"], "--hidden", "3", "--runs", Runs, "--run", "a");
        JsonElement options = Done("info", Model("a"), "--json").Json.GetProperty("options");
        Assert.Equal((3, 2), (options.GetProperty("hidden").GetInt32(), options.GetProperty("epochs").GetInt32()));
        Assert.Equal("0.5", options.GetProperty("split")[0].ToString());
    }

    [Theory]
    [InlineData("--loss", "gaussian", "--cell", "lstm")]
    [InlineData("--loss", "quantile", "--cell", "gru-after", "--layers", "2", "--dropout", "0.2")]
    [InlineData("--loss", "mae", "--cell", "rnn", "--direction", "both", "--optimizer", "sgd")]
    [InlineData("--loss", "huber", "--cell", "residual", "--anchor", "season", "--schedule", "plateau")]
    [InlineData("--bptt", "4,12", "--cell", "lstm", "--layers", "2")]
    [InlineData("--bptt", "8,8", "--cell", "gru")]
    [InlineData("--anchor", "mean", "--transform", "none", "--clip", "0", "--season", "1")]
    public void Every_choice_trains_measures_and_forecasts(params string[] choice)
    {
        Train("a", [.. choice, "--horizon", "2"]);
        Assert.Equal(4, Done("predict", Model("a"), "--horizon", "4", "--json").Json.GetProperty("forecasts").GetArrayLength());
    }

    [Fact]
    public void Many_series_many_columns_and_known_inputs_go_together()
    {
        File.WriteAllText(_folder["shops.csv"], "day,shop,units,price,holiday\n" + string.Concat(
            from shop in (string[])["north", "south"]
            from day in Enumerable.Range(0, 123)
            let holiday = day % 7 == 0 ? 1 : 0
            let units = day < 120 ? $"{20 + (shop == "north" ? 5 : 0) + 10 * holiday + day % 3}" : ""
            let price = day < 120 ? $"{3 + 0.1 * (day % 5)}" : ""
            select $"{new DateTime(2024, 1, 1).AddDays(day):yyyy-MM-dd},{shop},{units},{price},{holiday}\n"));
        string[] data = ["--data", _folder["shops.csv"], "--column", "units,price", "--known", "holiday", "--group", "shop", "--horizon", "3"];
        JsonElement trained = Train("a", data);
        Assert.Equal(2, trained.GetProperty("columns").GetArrayLength());
        string[] lines = Done("predict", Model("a")).Out.TrimEnd().Split('\n');
        Assert.Equal("day,shop,column,forecast,lower,upper", lines[0]);
        Assert.Equal(2 * 3 * 2, lines.Length - 1);
        Assert.StartsWith("2024-04-30,north,units,", lines[1]);
        Assert.Contains("needs column 'holiday' in 6 rows without targets", CliRun.Of("predict", Model("a"), "--horizon", "4").Refused());
    }

    [Fact]
    public void Data_can_come_from_standard_input()
    {
        string csv = "y\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{Math.Sin(i / 5.0):F4}\n"));
        CliRun run = CliRun.Of(csv, CancellationToken.None, [.. s_quick, "--data", "-", "--runs", Runs]);
        Assert.True(run.Exit == 0, run.Error);
        Assert.Equal(JsonValueKind.Null, run.Json.GetProperty("seasonal_naive_rmse").ValueKind);
    }

    [Fact]
    public void The_model_says_what_it_is()
    {
        Train("a");
        string text = Done("info", Model("a")).Out;
        Assert.Contains("column passengers: transform log-difference", text);
        Assert.Contains("encoder.weight_hh_l0", text);
    }

    [Fact]
    public void A_table_is_looked_at_without_training()
    {
        CliRun run = Done("data", "sunspots", "--json");
        Assert.Equal(12, run.Json.GetProperty("season").GetInt32());
        Assert.Contains("unroll train forecast", run.Error);
    }

    [Fact]
    public void Without_arguments_there_is_help()
    {
        CliRun run = Done();
        foreach (string verb in (string[])["train", "evaluate", "predict", "info", "gradcheck", "data"]) Assert.Contains(verb, run.Out);
    }
}

using System.CommandLine;
using Unroll.Tasks.Forecast;

namespace Unroll.Cli;

/// <summary>The options of a forecasting run on the command line, one for each property of <see cref="ForecastOptions"/>.</summary>
internal static class ForecastArguments
{
    internal static TaskArguments<ForecastOptions> Make()
    {
        ForecastOptions usual = new();
        TaskArguments<ForecastOptions> all = new();
        all.Add(Opt.Text("--data", "NAME|FILE|-", "sunspots (default), airline, a CSV file, or - for standard input"), (o, v) => o with { Data = v });
        all.Add(Opt.Words("--column", "Y[,Z…]", "columns to forecast (default: all columns of numbers)"), (o, v) => o with { Column = v });
        all.Add(Opt.Words("--input", "A[,B…]", "columns that are seen but not forecast"), (o, v) => o with { Input = v });
        all.Add(Opt.Words("--known", "A[,B…]", "columns that are known in the future too"), (o, v) => o with { Known = v });
        all.Add(Opt.Text("--time", "COLUMN", "the time column (default: the first column of dates; 'none': rows are evenly spaced)"), (o, v) =>
            o with { Time = v });
        all.Add(Opt.Text("--group", "COLUMN", "the column that tells series apart"), (o, v) => o with { Group = v });
        Option<string> resample = new("--resample")
        {
            HelpName = "PERIOD",
            Description = "put irregular times on a grid, such as 1day (without a period: the commonest step)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        all.Add(resample, (o, v) => o with { Resample = v }, whenEmpty: "auto");
        all.Add(Opt.Text("--missing", "POLICY", Words(ForecastOptions.MissingWords, usual.Missing)), (o, v) => o with { Missing = v });
        all.Add(Opt.Numbers("--split", "TRAIN,VALID", "shares to train on and to validate on; the rest tests (default 0.6,0.2)"), (o, v) =>
            o with { Split = v! });
        all.Add(Opt.Text("--transform", "WORD", Words(ForecastOptions.TransformWords, usual.Transform)), (o, v) => o with { Transform = v });
        all.Add(Opt.Text("--anchor", "WORD", "the simple forecast that the network corrects: " + Words(ForecastOptions.AnchorWords, usual.Anchor)),
            (o, v) => o with { Anchor = v });
        all.Add(Opt.Whole("--season", "N", "steps of a season (default: guessed from the times)"), (o, v) => o with { Season = v });
        all.Add(Opt.Whole("--window", "N", "steps that the network sees (default: two seasons, fewer for short data)"), (o, v) => o with { Window = v });
        all.Add(Opt.Whole("--horizon", "N", $"steps that are forecast at once (default {usual.Horizon})"), (o, v) => o with { Horizon = v!.Value });
        all.Add(Opt.Text("--cell", "CELL", Words(ForecastOptions.CellWords, usual.Cell)), (o, v) => o with { Cell = v });
        all.Add(Opt.Whole("--hidden", "N", $"units of each layer (default {usual.Hidden})"), (o, v) => o with { Hidden = v!.Value });
        all.Add(Opt.Whole("--layers", "N", $"recurrent layers (default {usual.Layers})"), (o, v) => o with { Layers = v!.Value });
        all.Add(Opt.Switch("--bidirectional", "read the window from both ends"), (o, v) => o with { Bidirectional = v });
        all.Add(Opt.Number("--dropout", "probability between layers (default 0)"), (o, v) => o with { Dropout = v!.Value });
        all.Add(Opt.Text("--first-state", "WORD", Words(ForecastOptions.InitialStateWords, usual.InitialState)), (o, v) => o with { InitialState = v });
        all.Add(Opt.Text("--loss", "LOSS", Words(ForecastOptions.LossWords, usual.Loss)), (o, v) => o with { Loss = v });
        all.Add(Opt.Number("--interval", "share of values that an interval should hold (default 0.9)"), (o, v) => o with { Interval = v!.Value });
        all.Add(Opt.Text("--from", "MODEL", "train this model on, instead of a new one"), (o, v) => o with { From = v });
        all.Add(Opt.Whole("--epochs", "N", "passes over the training part at most (default: about 700 updates, 10 to 300 epochs)"), (o, v) =>
            o with { Epochs = v });
        all.Add(Opt.Whole("--batch", "N", $"windows of a batch (default {usual.Batch})"), (o, v) => o with { Batch = v!.Value });
        all.Add(Opt.Number("--lr", "learning rate (default 0.005)"), (o, v) => o with { LearningRate = v!.Value });
        all.Add(Opt.Text("--schedule", "WORD", Words(Training.Schedule.Kinds, usual.Schedule)), (o, v) => o with { Schedule = v });
        all.Add(Opt.Text("--optimizer", "WORD", Words(Training.OptimizerOptions.Kinds, usual.Optimizer)), (o, v) => o with { Optimizer = v });
        all.Add(Opt.Number("--momentum", "momentum of sgd and rmsprop (default 0)"), (o, v) => o with { Momentum = v!.Value });
        all.Add(Opt.Switch("--nesterov", "sgd looks ahead by its momentum"), (o, v) => o with { Nesterov = v });
        all.Add(Opt.Number("--clip", "limit of the gradients (default 1; 0: none)"), (o, v) => o with { Clip = v!.Value });
        all.Add(Opt.Text("--clip-by", "WHAT", "what the limit is for: " + Words(ForecastOptions.ClipByWords, usual.ClipBy)), (o, v) => o with { ClipBy = v });
        all.Add(Opt.Text("--non-finite", "POLICY", "after a NaN or an infinity: " + Words(ForecastOptions.NonFiniteWords, usual.NonFinite)),
            (o, v) => o with { NonFinite = v });
        all.Add(Opt.Wholes("--bptt", "K1,K2", "train through whole series: an update every K1 steps, through K2 steps"), (o, v) => o with { Bptt = v! });
        all.Add(Opt.Whole("--patience", "N", "epochs without improvement before stopping (default: a third of the epochs, at least 10)"), (o, v) =>
            o with { Patience = v });
        all.Add(Opt.Seed("--seed", "seed of every random draw (default 1)"), (o, v) => o with { Seed = v!.Value });
        return all;
    }

    private static string Words(IReadOnlyList<string> words, string usual) => TaskArguments<ForecastOptions>.Words(words, usual);
}

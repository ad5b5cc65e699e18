using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Forecast;

/// <summary>A backtest from a rolling origin: forecasts of a whole horizon from several cut-offs, each beside the rules.</summary>
/// <param name="Origins">The evaluation of each cut-off, from old to new: one window of every series.</param>
/// <param name="Together">All of them.</param>
/// <param name="Refitted">Whether the model was trained again on what came before each cut-off; else it is the same in all.</param>
public sealed record ForecastBacktest(IReadOnlyList<ForecastEvaluation> Origins, ForecastEvaluation Together, bool Refitted) : TaskEvaluation
{
    /// <inheritdoc/>
    /// <remarks>The members of <see cref="Together"/>, then <c>backtest</c>: each origin's own.</remarks>
    public override void WriteJson(Utf8JsonWriter json)
    {
        Together.WriteJson(json);
        json.WriteBoolean("refitted", Refitted);
        json.Objects("backtest", Origins, (own, origin) => origin.WriteJson(own));
    }
}

//  K cut-offs, a horizon apart, the last one a horizon before the end of each series:  length − K h, … , length − h

/// <summary>Runs backtests.</summary>
/// <param name="model">The model; of a refit its options are those of each run.</param>
/// <param name="threads">The threads; null: one.</param>
/// <param name="note">Told of what is passed over; null: nobody.</param>
internal sealed class BacktestRun(ForecastModel model, ThreadTeam? threads, Action<string>? note)
{
    private int Horizon => model.Description.Horizon;

    /// <summary>The same model at every cut-off, beside rules fitted to what it was trained on.</summary>
    /// <param name="series">The series.</param>
    /// <param name="origins">K.</param>
    /// <param name="training">What rules are fitted to; null: those that need fitting are left out.</param>
    /// <param name="own">Whether these are the series that it was trained on, of which only the test part may be forecast.</param>
    internal ForecastBacktest Same(IReadOnlyList<Series> series, int origins, IReadOnlyList<TrainingPart>? training, bool own)
    {
        series = ForecastData.Matching(model.Description, series);
        foreach (Series one in own ? series : [])
            if (ForecastFit.SplitOf(one, model.Options).Test is var test && test < origins * Horizon)
                throw new UserErrorException($"{ForecastFit.NameOf(one)}: {origins} cut-offs of {Horizon} steps need {origins * Horizon} rows that " +
                    $"the model was not trained on, and its test part has {test}; choose a backtest of at most {test / Horizon}, or refit.");
        ForecastRuleFits fits = new();
        ForecastEvaluation[] evaluations = [.. Enumerable.Range(0, origins).Select(k => At(model, series, origins - k, training, fits))];
        return Together(evaluations, refitted: false);
    }

    /// <summary>A model trained again before every cut-off, by the options of this one, beside rules fitted to the same rows.</summary>
    internal ForecastBacktest Refitted(IReadOnlyList<Series> series, int origins, CancellationToken stop)
    {
        series = ForecastData.Matching(model.Description, series);
        double all = model.Options.Split[0] + model.Options.Split[1], train = model.Options.Split[0] / all;
        ForecastOptions options = model.Options with { Split = [train, 1 - train], From = null };
        List<ForecastEvaluation> evaluations = [];
        for (int k = origins; k >= 1; k--)
        {
            int before = k * Horizon;
            Series[] known = [.. series.Where(one => one.Length > before).Select(one => one.Until(one.Length - before, Horizon))];
            if (known.Length == 0)
                throw new UserErrorException($"backtest: no series has more than {before} rows, which {origins} cut-offs of {Horizon} steps need; " +
                    "choose fewer.");
            ForecastRun run = ForecastRun.Begin(options, known, new RunSettings { Threads = threads, Note = k == origins ? note : null },
                model.Description.Holidays);
            foreach (TrainingProgress _ in run.Loop.Run(stop)) { }
            stop.ThrowIfCancellationRequested();
            run.Finish(measure: false);
            IReadOnlyList<TrainingPart> training = [.. known.Select(one => new TrainingPart(one.Name,
                [.. one.Targets.Select(column => (ReadOnlyMemory<double>)column.Values)], one))];
            evaluations.Add(At(run.Model, series, k, training, new ForecastRuleFits()));
        }
        return Together(evaluations, refitted: true);
    }

    private ForecastEvaluation At(
        ForecastModel own, IReadOnlyList<Series> series, int before, IReadOnlyList<TrainingPart>? training, ForecastRuleFits fits) =>
        new ForecastMeasure(own, series, one => Part(one, before), training, threads, note, fits).Evaluate();

    private Range Part(Series one, int before)
    {
        int from = Math.Max(0, one.Length - before * Horizon);
        return from..Math.Min(one.Length, from + Horizon);
    }

    private static ForecastBacktest Together(IReadOnlyList<ForecastEvaluation> origins, bool refitted) =>
        new(origins, ForecastEvaluation.Together(origins), refitted);
}

/// <summary>Rules that are fitted once for several measurements of the same series.</summary>
internal sealed class ForecastRuleFits
{
    private readonly Dictionary<(int Column, string Series), (IReadOnlyList<ForecastRule> Rules, ForecastRule? Reference)> _fits = [];

    internal (IReadOnlyList<ForecastRule> Rules, ForecastRule? Reference) Of(
        ForecastDescription description, int c, IReadOnlyList<ForecastSeries> series, IReadOnlyList<TrainingPart>? training, int first)
    {
        (int, string) key = (c, string.Join('\n', series.Select(one => one.Series.Name)));
        if (_fits.TryGetValue(key, out var found)) return found;
        return _fits[key] = (ForecastRules.Of(description, c, series, training, first), ForecastRules.Reference(description, c, series, training));
    }
}

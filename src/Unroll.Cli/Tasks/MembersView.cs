using System.Globalization;
using System.Text.Json;
using Unroll.Inspection.Report;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary>The members of a model, and how each was trained, in lines, as JSON and on the page of a run.</summary>
internal static class MembersView
{
    /// <summary>How many members a model has, and their seeds.</summary>
    internal static string Line(ITaskModel model)
    {
        ulong[] seeds = [.. model.Members.Select(member => member.Options.LearningSeed)];
        bool inTurn = Enumerable.Range(1, seeds.Length - 1).All(k => seeds[k] == unchecked(seeds[0] + (ulong)k));
        return $"members: {seeds.Length} networks, whose mean is the answer; seeds " +
            (inTurn && seeds.Length > 2 ? $"{seeds[0]} … {seeds[^1]}" : string.Join(", ", seeds));
    }

    /// <summary>How each member's training went; of a run that trains one network none.</summary>
    internal static IEnumerable<string> Lines(ITaskRun run)
    {
        IReadOnlyList<TrainingState> states = run.Loop.States;
        if (states.Count == 1) yield break;
        yield return $"  {"member",-8} {"epochs",8} {"best",8} {"validation score",18}";
        foreach ((int k, TrainingState state) in states.Index())
            yield return Invariant($"  {k + 1,-8} {state.Place.Epoch,8} {BestOf(state),8} {state.BestScore,18:F4}");
        MemberMeasure scores = Scores(states);
        yield return Invariant($"  {"mean",-8} {"",8} {"",8} {scores.Mean,18:F4} ± {scores.Deviation:F4}");
    }

    /// <summary>
    /// The epochs and the best epochs in a few words: <c>12 epochs, best 7</c>; <c>3 members of 12, 14 and 9 epochs, best 7, 9 and 4</c>.
    /// </summary>
    internal static string Epochs(ITrainingLoop loop) => loop.States is [var state]
        ? state.BestEpoch == 0 && state.HasBest ? Invariant($"{state.Place.Epoch} epochs, best before the first")
            : Invariant($"{state.Place.Epoch} epochs, best {state.BestEpoch}")
        : $"{loop.States.Count} members of {List(loop.States.Select(one => Invariant($"{one.Place.Epoch}")))} epochs, " +
            $"best {List(loop.States.Select(BestOf))}";

    /// <summary>Writes how each member was trained; nothing for a run that trains one network.</summary>
    internal static void WriteJson(Utf8JsonWriter json, ITaskRun run)
    {
        if (run.Loop.States.Count == 1) return;
        json.Objects("member_runs", run.Loop.States.Index(), (own, one) =>
        {
            own.WriteNumber("training_seed", run.Model.Members[one.Index].Options.LearningSeed);
            own.WriteNumber("epochs", one.Item.Place.Epoch);
            own.WriteNumber("best_epoch", one.Item.BestEpoch);
            own.Number("validation_score", one.Item.BestScore);
        });
    }

    /// <summary>The section of a run's page; of a run that trains one network none.</summary>
    internal static IReadOnlyList<ReportSection> Sections(ITaskRun run, TaskEvaluation evaluation)
    {
        IReadOnlyList<TrainingState> states = run.Loop.States;
        if (states.Count == 1) return [];
        IReadOnlyList<MemberMeasure> measures = MemberScores.Of(evaluation);
        List<IReadOnlyList<string>> rows = [.. states.Select((state, k) => (IReadOnlyList<string>)
        [
            Invariant($"{k + 1}"), Invariant($"{run.Model.Members[k].Options.LearningSeed}"), Invariant($"{state.Place.Epoch}"), BestOf(state),
            Short(state.BestScore), .. measures.Select(one => Short(one.Each[k])),
        ])];
        MemberMeasure scores = Scores(states);
        rows.Add(["mean ± deviation", "", "", "", Spread(scores), .. measures.Select(Spread)]);
        rows.Add(["all together", "", "", "", "", .. measures.Select(one => Short(one.Together))]);
        return [new ReportSection("Members", new TableBlock(
            ["member", "training seed", "epochs", "best epoch", "validation score", .. measures.Select(one => one.Name)], rows)
        {
            Wide = true, Highlight = rows.Count - 1,
            Caption = "Each member alone, and the mean of their answers. The curves of this page are the first member's.",
        })];
    }

    /// <summary>What is said where an epoch that came too early was the best; null: nothing.</summary>
    internal static string? NoteOfFirst(ITaskRun run)
    {
        int first = run.Loop.States.Count(state => state.BestEpoch == 1 && state.Place.Epoch > 1);
        string of = run.Loop.States.Count == 1 ? "" : $" of {first} of {run.Loop.States.Count} members";
        return first == 0 ? null : $"note: the first epoch was the best{of}: " +
            "what came after it learned the training part by heart, or strode too far; a smaller --lr, more --dropout or fewer --hidden may help.";
    }

    private static MemberMeasure Scores(IReadOnlyList<TrainingState> states) => new("", [.. states.Select(state => state.BestScore)], double.NaN);

    private static string BestOf(TrainingState state) => state.BestEpoch == 0 ? state.HasBest ? "start" : "–" : Invariant($"{state.BestEpoch}");

    private static string List(IEnumerable<string> words) => words.ToArray() is [.. var all, var last] ? $"{string.Join(", ", all)} and {last}" : "";

    private static string Spread(MemberMeasure one) => $"{Short(one.Mean)} ± {Short(one.Deviation)}";

    private static string Short(double value) => double.IsFinite(value) ? value.ToString("G4", CultureInfo.InvariantCulture) : "–";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>What the members of a model have alone, beside what they have together: each measure with its mean and deviation.</summary>
public static class MemberScores
{
    /// <summary>Measures each member alone; of a model with one network there is nothing to measure.</summary>
    /// <param name="evaluation">That of all together.</param>
    /// <param name="model">The model.</param>
    /// <param name="measure">Measures one member on the same data.</param>
    /// <returns><paramref name="evaluation"/> with <see cref="TaskEvaluation.Members"/>.</returns>
    public static TEvaluation With<TEvaluation, TModel>(TEvaluation evaluation, TModel model, Func<TModel, TEvaluation> measure)
        where TEvaluation : TaskEvaluation where TModel : ITaskModel => model.Members.Count == 1 ? evaluation
        : evaluation with { Members = [.. model.Members.Select(member => measure((TModel)member))] };

    /// <summary>Each measure that all members have: its mean over them, the deviation (n − 1 below), and what they have together.</summary>
    /// <param name="evaluation">Of a model with several members; of one there are none.</param>
    public static IReadOnlyList<MemberMeasure> Of(TaskEvaluation evaluation) => evaluation.Members.Count == 0 ? [] :
    [
        .. evaluation.Measures.Select(together =>
        {
            double[] each = [.. evaluation.Members.Select(member => member.Measures.FirstOrDefault(own => own.Name == together.Name) is
                (not null, var value) ? value : double.NaN)];
            return new MemberMeasure(together.Name, each, together.Value);
        }).Where(measure => measure.Each.All(double.IsFinite)),
    ];

    /// <summary>Lines for a terminal; none for a model with one network.</summary>
    /// <param name="evaluation">The evaluation.</param>
    public static IEnumerable<string> Lines(TaskEvaluation evaluation)
    {
        IReadOnlyList<MemberMeasure> measures = Of(evaluation);
        if (measures.Count == 0) yield break;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{evaluation.Members.Count} members, each alone (mean ± standard deviation) and all together:");
        foreach (MemberMeasure one in measures)
            yield return $"  {TextColumns.Left(one.Name, 34)} " +
                string.Create(CultureInfo.InvariantCulture, $"{one.Mean,8:F4} ± {one.Deviation:F4}   {one.Together,8:F4}");
    }

    /// <summary>Writes the member <c>members</c>: what each has alone, the mean and the deviation; nothing for a model with one network.</summary>
    /// <param name="json">An object that has been started.</param>
    /// <param name="evaluation">The evaluation.</param>
    public static void WriteJson(Utf8JsonWriter json, TaskEvaluation evaluation)
    {
        IReadOnlyList<MemberMeasure> measures = Of(evaluation);
        if (measures.Count == 0) return;
        json.WriteStartObject("members");
        json.Objects("each", evaluation.Members.Index(), (own, member) =>
        {
            foreach (MemberMeasure one in measures) own.Number(one.Name, one.Each[member.Index]);
        });
        json.Numbers("mean", measures.Select(one => (one.Name, one.Mean)));
        json.Numbers("deviation", measures.Select(one => (one.Name, one.Deviation)));
        json.WriteEndObject();
    }
}

/// <summary>One measure of a model with several members.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Each">What each member has alone, in order.</param>
/// <param name="Together">What they have together.</param>
public sealed record MemberMeasure(string Name, IReadOnlyList<double> Each, double Together)
{
    /// <summary>The mean over the members.</summary>
    public double Mean => Each.Average();

    /// <summary>The standard deviation over the members, n − 1 below.</summary>
    public double Deviation => Math.Sqrt(Each.Sum(value => (value - Mean) * (value - Mean)) / Math.Max(1, Each.Count - 1));
}

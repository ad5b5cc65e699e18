using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks;

/// <summary>
/// Trained models of one description as one model with several members. They may differ in what training drew (<c>training-seed</c>) and in
/// nothing else: what one of them knows of its data holds for all, and none was trained on what another is tested on.
/// </summary>
public static class ModelCombination
{
    private static readonly string[] s_seeds = ["training-seed", "members", "member-seeds", "from", "from-member"];

    /// <summary>Writes one model file of several; those with several members give all of them.</summary>
    /// <param name="models">The paths, two at least.</param>
    /// <param name="output">The file to create or replace.</param>
    /// <returns>The combined model.</returns>
    /// <exception cref="UserErrorException">
    /// They differ, by the first difference; one is there twice; there are too few or too many; a file is no model.
    /// </exception>
    public static ITaskModel Save(IReadOnlyList<string> models, string output)
    {
        if (models.Count < 2) throw new UserErrorException($"combine: expected two models at least, got {models.Count}.");
        ITask task = TaskList.Of(models[0]);
        ModelFile[] files = [.. models.Select(path => ModelFile.Load(path))];
        ITaskModel[] opened = [.. models.Select(path => TaskList.Open(path))];
        for (int i = 1; i < files.Length; i++) RequireAlike(task, (files[0], opened[0]), (files[i], opened[i]));
        ITaskModel[] members = [.. opened.SelectMany(model => model.Members)];
        if (members.Length > ModelFile.MostMembers)
            throw new UserErrorException(
                $"combine: expected at most {ModelFile.MostMembers} members together, got {members.Length}; leave some out.");
        if (members.GroupBy(member => member.WeightsSha256).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UserErrorException($"combine: two members are one and the same model, with the weights {twice.Key[..12]}…, which would " +
                "count twice; leave one out.");
        string seeds = string.Join(',', members.Select(member => FormattableString.Invariant($"{member.Options.LearningSeed}")));
        TaskOptions options = opened[0].Options with { Members = members.Length, TrainingSeed = null, MemberSeeds = seeds };
        ModelFile.Save(output, files[0].Spec, With(files[0].TaskJson, task, options), [.. members.Select(member => member.Parameters)],
            files[0].Precision, files[0].Cells);
        return TaskList.Open(output);
    }

    private static string With(string taskJson, ITask task, TaskOptions options) => JsonRecord.Parse(taskJson, root => JsonText.Of(json =>
    {
        foreach (JsonProperty member in root.EnumerateObject())
            if (member.NameEquals("options")) json.WriteObject("options", options, task.Options.Write);
            else member.WriteTo(json);
    }));

    private static void RequireAlike(ITask task, (ModelFile File, ITaskModel Model) a, (ModelFile File, ITaskModel Model) b)
    {
        UserErrorException Differ(string what, string there, string here) => new(
            $"combine: '{b.File.Name}' has {what} {Short(there)}, and '{a.File.Name}' has {Short(here)}; only models that differ in nothing but " +
            "the training seed are combined.");
        if (a.Model.Task != b.Model.Task) throw Differ("the task", b.Model.Task, a.Model.Task);
        foreach (OptionLine line in task.Options.All.Where(line => !line.IsOld && line.Name != "seed" && !s_seeds.Contains(line.Name)))
            if ((line.Text(a.Model.Options) ?? "none") is var has && (line.Text(b.Model.Options) ?? "none") is var other && has != other)
                throw line.Name == "cell" ? Differ("the cell", CellChoice.Beside(other, has), CellChoice.Beside(has, other))
                    : Differ(line.Name, other, has);
        (ulong first, ulong second) = (a.Model.Options.Seed, b.Model.Options.Seed);
        if (first != second && task.DealsBySeed && TrainingPartOf(a.File) is null)
            throw new UserErrorException($"combine: '{b.File.Name}' has seed {second}, and '{a.File.Name}' {first}, which deals the data out, so " +
                "that one may be tested on what the other has learned; train with one seed, and another training-seed each.");
        if (TrainingPartOf(a.File) != TrainingPartOf(b.File))
            throw new UserErrorException($"combine: '{b.File.Name}' was trained on another training part than '{a.File.Name}', so that one may be " +
                "tested on what the other has learned; train both on the same data with one seed and another training-seed each.");
        if (a.File.Precision != b.File.Precision) throw Differ("weights of", $"{b.File.Precision}", $"{a.File.Precision}");
        if (a.File.Spec.ToJson() is var spec && b.File.Spec.ToJson() is var otherSpec && spec != otherSpec)
            throw Differ("the network", otherSpec, spec);
        JsonRecord.Parse(a.File.TaskJson, own => JsonRecord.Parse(b.File.TaskJson, theirs =>
            FirstDifference("", own, theirs) is var (path, here, there) ? throw Differ($"the description {path}", there, here) : 0));
    }

    // Its hash; null: the task keeps none.
    private static string? TrainingPartOf(ModelFile file) =>
        JsonRecord.Parse(file.TaskJson, root => root.TryGetProperty("trained_on", out JsonElement hash) ? hash.GetString() : null);

    // The options have been compared one by one.
    private static (string Path, string Here, string There)? FirstDifference(string path, JsonElement a, JsonElement b)
    {
        if (path == "options") return null;
        if (a.ValueKind != b.ValueKind) return (path, a.GetRawText(), b.GetRawText());
        switch (a.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty own in a.EnumerateObject())
                {
                    string name = path.Length > 0 ? $"{path}.{own.Name}" : own.Name;
                    if (!b.TryGetProperty(own.Name, out JsonElement other)) return (name, own.Value.GetRawText(), "nothing");
                    if (FirstDifference(name, own.Value, other) is { } difference) return difference;
                }
                JsonProperty more = b.EnumerateObject().FirstOrDefault(other => !a.TryGetProperty(other.Name, out _));
                return more.Value.ValueKind == JsonValueKind.Undefined ? null
                    : (path.Length > 0 ? $"{path}.{more.Name}" : more.Name, "nothing", more.Value.GetRawText());
            case JsonValueKind.Array:
                if (a.GetArrayLength() != b.GetArrayLength()) return ($"length of {path}", $"{a.GetArrayLength()}", $"{b.GetArrayLength()}");
                for (int i = 0; i < a.GetArrayLength(); i++)
                    if (FirstDifference($"{path}[{i}]", a[i], b[i]) is { } difference) return difference;
                return null;
            default:
                return a.GetRawText() == b.GetRawText() ? null : (path, a.GetRawText(), b.GetRawText());
        }
    }

    private static string Short(string text) => text.Length > 160 ? text[..160] + "…" : text;
}

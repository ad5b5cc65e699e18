using System.Globalization;
using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Training;

/// <summary>
/// Everything that a run needs to go on as if it had never stopped, in one safetensors file: weights, the best weights so far, what the
/// optimizer remembers, what the objective carries, and <see cref="TrainingState"/>; with a SHA-256 of it all.
/// </summary>
/// <remarks>
/// Tensors: <c>model.NAME</c>, <c>best</c> (flat, in the order of the weights), <c>optimizer.NAME</c> (flat), <c>carried.NAME</c>,
/// <c>average.NAME</c> (flat) where weights are averaged.
/// Metadata: <c>unroll.header_sha256</c> (as in a <see cref="ModelFile"/>; early ones have none), <c>format</c>, <c>model</c>, <c>notes</c>,
/// <c>optimizer</c>, <c>data</c>, <c>shards</c> where there are several (never how many ranks), <c>state</c>, <c>sha256</c>.
/// </remarks>
public sealed class Checkpoint
{
    private const string Format = "unroll checkpoint 1";
    private readonly TensorFile _file;

    private Checkpoint(string path, TensorFile file, TrainingState state, IReadOnlyList<DataPart> data) =>
        (Path, _file, State, Data) = (path, file, state, data);

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>Where the run stood.</summary>
    public TrainingState State { get; }

    /// <summary>The task's <see cref="ITrainingTask{TBatch}.Model"/>.</summary>
    public string Model => _file.MetadataOf("model") ?? "";

    /// <summary>The task's <see cref="ITrainingTask{TBatch}.Notes"/>.</summary>
    public string Notes => _file.MetadataOf("notes") ?? "";

    /// <summary>The task's <see cref="ITrainingTask{TBatch}.Data"/>.</summary>
    public IReadOnlyList<DataPart> Data { get; }

    /// <summary>Writes a checkpoint, completely or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="task">Weights, what is carried, description.</param>
    /// <param name="optimizer">What it remembers.</param>
    /// <param name="state">Where the run stands.</param>
    /// <param name="best">The best weights so far; empty where there are none yet.</param>
    /// <param name="average">What the averaging of weights keeps; null: none are averaged.</param>
    /// <param name="shards"><see cref="TrainerOptions.Shards"/>.</param>
    /// <exception cref="UserErrorException">The file system reported an error, or a weight is not finite.</exception>
    public static void Write<TBatch>(string path, ITrainingTask<TBatch> task, Optimizer optimizer, TrainingState state, ReadOnlySpan<float> best,
        IReadOnlyList<NamedFloats>? average = null, int shards = 1)
    {
        TensorFile file = new();
        file.AddMetadata(HeaderSeal.Key, HeaderSeal.Blank);
        file.AddMetadata("format", Format).AddMetadata("model", task.Model).AddMetadata("notes", task.Notes);
        file.AddMetadata("optimizer", string.Create(CultureInfo.InvariantCulture, $"{optimizer.Name} {optimizer.State.Steps}"));
        if (task.Data.Count > 0)
            file.AddMetadata("data", JsonText.Of(json => { foreach (DataPart part in task.Data) json.WriteString(part.Name, part.Sha256); }));
        if (shards > 1) file.AddMetadata("shards", shards.ToString(CultureInfo.InvariantCulture));
        file.AddMetadata("state", JsonText.Of(json => TrainingStateText.Write(json, state)));
        foreach (Parameter parameter in task.Parameters.All) file.Add(Tensor.Of($"model.{parameter.Name}", parameter.Shape, parameter.Values));
        if (!best.IsEmpty) file.Add(Tensor.Of("best", [best.Length], best));
        for (int i = 0; i < optimizer.State.Names.Count; i++)
            file.Add(Tensor.Of($"optimizer.{optimizer.State.Names[i]}", [optimizer.State.Length], optimizer.State[i]));
        foreach (NamedFloats carried in task.CarriedState)
            file.Add(Tensor.Of($"carried.{carried.Name}", [carried.Values.Length], carried.Values.Span));
        foreach (NamedFloats one in average ?? []) file.Add(Tensor.Of($"average.{one.Name}", [one.Values.Length], one.Values.Span));
        file.AddMetadata("sha256", Hash(file));
        file.Write(path);
    }

    /// <summary>Reads a checkpoint and verifies its checksum.</summary>
    /// <exception cref="UserErrorException">There is no such file, or it is damaged, or it is something else.</exception>
    public static Checkpoint Read(string path) => Read(TensorFile.Read(path), path);

    /// <summary>Reads a checkpoint from its bytes and verifies its checksum.</summary>
    /// <param name="stream">The bytes of the file.</param>
    /// <param name="path">Where the file is, for messages.</param>
    /// <exception cref="UserErrorException">It is damaged, or it is something else.</exception>
    public static Checkpoint Read(Stream stream, string path) => Read(TensorFile.Read(stream, path), path);

    private static Checkpoint Read(TensorFile file, string path)
    {
        if (file.MetadataOf("format") is not string format)
            throw new UserErrorException($"'{path}' is not a checkpoint: its metadata has no 'format'; name the folder of a run.");
        if (format != Format)
            throw new UserErrorException($"'{path}': expected format '{Format}', got '{(format.Length > 40 ? format[..40] + "…" : format)}'; "
                + "it was written by another version: resume the run with that one, or begin a run of another name.");
        if (file.MetadataOf("sha256") is not string written || written != Hash(file))
            throw new UserErrorException($"'{path}' is damaged: its contents do not have the checksum that was written with them; fetch it again, "
                + "or delete it to go on from the checkpoint before.");
        try
        {
            return new Checkpoint(path, file, JsonRecord.Read(file.MetadataOf("state") ?? "", TrainingStateText.Read), DataOf(file));
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"'{path}': its 'state' is not that of a run of this version: {e.Message.TrimEnd('.')}; begin a run of "
                + "another name.", e);
        }
    }

    /// <summary>Puts weights, optimizer and what is carried back, bit for bit; nothing is changed where something does not fit.</summary>
    /// <param name="task">Receives weights and what is carried.</param>
    /// <param name="optimizer">Receives what it remembered.</param>
    /// <param name="best">Receives the best weights, if the checkpoint has some; as long as the weights.</param>
    /// <param name="average">Receives what the averaging of weights kept; null: none are averaged.</param>
    /// <param name="shards"><see cref="TrainerOptions.Shards"/>.</param>
    /// <returns>Whether the checkpoint has best weights.</returns>
    /// <exception cref="UserErrorException">It belongs to another model, to another optimizer, or to another number of shards.</exception>
    public bool Restore<TBatch>(ITrainingTask<TBatch> task, Optimizer optimizer, Span<float> best, IReadOnlyList<NamedFloats>? average = null,
        int shards = 1)
    {
        RequireData(task.Data);
        RequireShards(shards);
        RequireModel(task.Model, task.Parameters);
        long steps = RequireOptimizer(optimizer);
        foreach (NamedFloats carried in task.CarriedState) Floats($"carried.{carried.Name}", carried.Values.Length);
        foreach (NamedFloats one in average ?? []) Floats($"average.{one.Name}", one.Values.Length);

        using (Edit weights = task.Parameters.Edit())
            foreach (Parameter parameter in task.Parameters.All) Floats($"model.{parameter.Name}", parameter.Length).CopyTo(weights.Of(parameter));
        optimizer.State.Steps = steps;
        for (int i = 0; i < optimizer.State.Names.Count; i++)
            Floats($"optimizer.{optimizer.State.Names[i]}", optimizer.State.Length).CopyTo(optimizer.State[i]);
        foreach (NamedFloats carried in task.CarriedState) Floats($"carried.{carried.Name}", carried.Values.Length).CopyTo(carried.Values.Span);
        foreach (NamedFloats one in average ?? []) Floats($"average.{one.Name}", one.Values.Length).CopyTo(one.Values.Span);
        if (_file.Find("best") is null) return false;
        Floats("best", best.Length).CopyTo(best);
        return true;
    }

    private ReadOnlySpan<float> Floats(string name, int length)
    {
        if (_file.Find(name) is not Tensor { Type: TensorType.F32 } tensor) throw Other($"it has no tensor '{name}'");
        if (tensor.Count != length) throw Other($"tensor '{name}' has {tensor.Count} values there and {length} here");
        return tensor.Float32;
    }

    private void RequireData(IReadOnlyList<DataPart> here)
    {
        if (Data.Count == 0 && here.Count > 0)
            throw new UserErrorException(
                $"checkpoint '{Path}' was written by an earlier build, which kept less of what its data were; begin a run of another name.");
        string[] changed = [.. here.Where(part => !Data.Contains(part)).Select(part => $"the {part.Name}")];
        if (changed.Length > 0)
            throw new UserErrorException($"checkpoint '{Path}' is of a run on other data: {string.Join(" and ", changed)} changed since it began; " +
                "give it the data of then, or begin a run of another name.");
    }

    private void RequireShards(int here)
    {
        string shards = here.ToString(CultureInfo.InvariantCulture), there = _file.MetadataOf("shards") ?? "1";
        if (shards != there)
            throw new UserErrorException($"checkpoint '{Path}' is of a run with {there} shards, and this one has {shards}, which would round in "
                + "other places; resume with as many.");
    }

    private static IReadOnlyList<DataPart> DataOf(TensorFile file)
    {
        if (file.MetadataOf("data") is not { } text) return [];
        return JsonRecord.Parse<DataPart[]>(text, json => [.. json.EnumerateObject().Select(part => new DataPart(part.Name, part.Value.ToString()))]);
    }

    private void RequireModel(string model, ParameterStore parameters)
    {
        foreach (Parameter parameter in parameters.All)
        {
            Tensor? tensor = _file.Find($"model.{parameter.Name}");
            if (tensor is null) throw Other($"it has no '{parameter.Name}'");
            if (!tensor.Shape.SequenceEqual(parameter.Shape))
                throw Other($"'{parameter.Name}' is {tensor.ShapeText} there, and here it is {parameter}");
        }
        foreach (Tensor tensor in _file.Tensors)
            if (tensor.Name.StartsWith("model.", StringComparison.Ordinal) && parameters.Find(tensor.Name[6..]) is null)
                throw Other($"it has '{tensor.Name[6..]}', which this model has not");
        if (Model != model) throw Other(FirstDifference(Model, model));
    }

    private long RequireOptimizer(Optimizer optimizer)
    {
        string[] written = (_file.MetadataOf("optimizer") ?? "").Split(' ');
        if (written[0] != optimizer.Name)
            throw new UserErrorException(
                $"checkpoint '{Path}' was written with optimizer '{written[0]}', expected '{optimizer.Name}'; resume with that optimizer.");
        for (int i = 0; i < optimizer.State.Names.Count; i++)
            if (_file.Find($"optimizer.{optimizer.State.Names[i]}") is null)
                throw new UserErrorException(
                    $"checkpoint '{Path}' was written with other settings of '{optimizer.Name}': it has no '{optimizer.State.Names[i]}'; "
                        + "resume with those.");
        return written.Length == 2 && long.TryParse(written[1], NumberStyles.None, CultureInfo.InvariantCulture, out long steps)
            ? steps : throw new UserErrorException(
                $"checkpoint '{Path}' does not say how many steps its optimizer took; begin a run of another name.");
    }

    private UserErrorException Other(string difference) =>
        new($"checkpoint '{Path}' belongs to another model: {difference}; give the options and the data of its run, or begin a run of another name.");

    private static string FirstDifference(string there, string here)
    {
        string[] a = there.Split('\n'), b = here.Split('\n');
        int line = 0;
        while (line < a.Length && line < b.Length && a[line] == b[line]) line++;
        return $"its description says {Line(a, line)} where this one says {Line(b, line)}";
    }

    private static string Line(string[] lines, int line) =>
        line >= lines.Length ? "nothing" : $"'{(lines[line].Length > 200 ? lines[line][..200] + "…" : lines[line]).Trim()}'";

    // Everything but the checksum itself: each metadata text as if it were a tensor of bytes, then the tensors.
    private static string Hash(TensorFile file) => WeightsHash.Compute(
    [
        .. file.Metadata.Where(entry => entry.Key is not ("sha256" or HeaderSeal.Key)).Select(entry => Text(entry.Key, entry.Value)),
        .. file.Tensors,
    ]);

    private static Tensor Text(string name, string value)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(value);
        return Tensor.Of(name, [utf8.Length], utf8);
    }
}

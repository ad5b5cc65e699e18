using System.Globalization;
using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Formats;

/// <summary>
/// A trained model: a safetensors file whose tensors are the weights under PyTorch's names, and whose metadata says what they are:
/// the version, the network, the task, and the conventions under which gates are stored.
/// </summary>
/// <remarks>
/// <para>Any program that reads safetensors can read the weights. A model opens only if everything in it is as it should be: the header has a
/// checksum of itself (<c>unroll.header_sha256</c>: its bytes, with zeros for the checksum's own digits) and one of the weights
/// (<c>unroll.weights_sha256</c>), and the shapes are compared with those of the network before any memory is taken for it.</para>
/// <para>Version 1 had no checksum of the header; it opens, and <see cref="Note"/> says so. The words 1 and 2 differ by two bits, so that no flip
/// of one bit makes a file of version 2 one of version 1.</para>
/// <para>An ensemble, several networks of one description, is one file too: <c>unroll.members</c> says how many, and their tensors are
/// <c>member.1.NAME</c>, <c>member.2.NAME</c> …. A file of one network has neither.</para>
/// </remarks>
public sealed class ModelFile
{
    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 2;

    /// <summary>How many networks a file can have.</summary>
    public const int MostMembers = 100;

    private const string VersionKey = "unroll.version", SpecKey = "unroll.spec", TaskKey = "unroll.task",
        ConventionsKey = "unroll.conventions", HashKey = "unroll.weights_sha256",
        QuantizedKey = "unroll.quantised";

    private readonly IReadOnlyList<IReadOnlyList<Tensor>> _members;

    private ModelFile(string name, int version, NetworkSpec spec, CellCatalog cells, string taskJson,
        IReadOnlyList<IReadOnlyList<Tensor>> members, WeightPrecision precision) =>
        (Name, FileVersion, Spec, Cells, TaskJson, _members, Precision) = (name, version, spec, cells, taskJson, members, precision);

    /// <summary>What the file is called in errors: its path.</summary>
    public string Name { get; }

    /// <summary>The version that the file was written as, from 1.</summary>
    public int FileVersion { get; }

    /// <summary>What a user should be told of the file, a sentence that begins with its name; null: nothing.</summary>
    public string? Note => FileVersion > 1 ? null
        : $"'{Name}' is a model of version {FileVersion}, whose description has no checksum, so that damage to it may go unnoticed; "
            + $"train or save it again to have one of version {Version}.";

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>The cells that it was opened with: <c>Network.Build(file.Spec, file.Cells)</c>.</summary>
    public CellCatalog Cells { get; }

    /// <summary>What the task has stored: valid JSON, whose meaning is the task's.</summary>
    public string TaskJson { get; }

    /// <summary>
    /// How the file keeps the matrices of recurrent layers; give it to <see cref="Network.Quantize"/>.
    /// </summary>
    public WeightPrecision Precision { get; }

    /// <summary>How many networks of that description the file has, 1 … <see cref="MostMembers"/>.</summary>
    public int Members => _members.Count;

    /// <summary>
    /// The weights of the first network in our conventions, in the order of the file; those of fewer bits as the floats they stand for, exactly.
    /// </summary>
    public IReadOnlyList<Tensor> Tensors => _members[0];

    /// <summary>Writes a model, completely or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="spec">The network.</param>
    /// <param name="taskJson">What the task needs to know again; JSON.</param>
    /// <param name="weights">The weights of the network.</param>
    /// <param name="precision">
    /// <see cref="WeightPrecision.Int8"/> keeps the matrices of recurrent layers in 8 bits, about a quarter of the bytes, with a scale for each row;
    /// <see cref="WeightPrecision.BFloat16"/> in 16 bits, half of the bytes.
    /// </param>
    /// <param name="cells">The cells that the network was built with; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">The file system reported an error, a weight is NaN or infinite, or a cell is unknown.</exception>
    /// <exception cref="JsonException"><paramref name="taskJson"/> is not JSON.</exception>
    public static void Save(
        string path, NetworkSpec spec, string taskJson, ParameterStore weights, WeightPrecision precision = WeightPrecision.Float32,
        CellCatalog? cells = null) => Save(path, spec, taskJson, [weights], precision, cells);

    /// <summary>Writes several networks of one description as one model, completely or not at all; a single one as without a list.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="spec">The network.</param>
    /// <param name="taskJson">What the task needs to know again; JSON.</param>
    /// <param name="members">The weights of each, 1 … <see cref="MostMembers"/>, of the same names and shapes.</param>
    /// <param name="precision">As for one.</param>
    /// <param name="cells">The cells that the networks were built with; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">The file system reported an error, a weight is NaN or infinite, or a cell is unknown.</exception>
    /// <exception cref="JsonException"><paramref name="taskJson"/> is not JSON.</exception>
    /// <exception cref="ArgumentException">The members differ in names or shapes, or are too many.</exception>
    public static void Save(string path, NetworkSpec spec, string taskJson, IReadOnlyList<ParameterStore> members,
        WeightPrecision precision = WeightPrecision.Float32, CellCatalog? cells = null)
    {
        JsonRecord.Parse(taskJson, _ => 0);
        RequireAlike(members);
        (Tensor InMemory, Tensor Stored)[] tensors = [.. members.SelectMany((weights, k) => weights.All.SelectMany(parameter =>
            precision != WeightPrecision.Float32 && spec.IsRecurrentMatrix(parameter.Name)
                ? QuantizedTensors.Of(parameter, precision)
                : [QuantizedTensors.Same(Tensor.Of(parameter.Name, parameter.Shape, parameter.Values))])
            .Select(tensor => members.Count == 1 ? tensor : Named(tensor, k)))];
        TensorFile file = new TensorFile()
            .AddMetadata(HeaderSeal.Key, HeaderSeal.Blank)
            .AddMetadata(VersionKey, Version.ToString(CultureInfo.InvariantCulture))
            .AddMetadata(SpecKey, spec.ToJson())
            .AddMetadata(TaskKey, taskJson)
            .AddMetadata(ConventionsKey, LayerConvention.ToJson(spec, cells ?? CellCatalog.BuiltIn))
            .AddMetadata(HashKey, WeightsHash.Compute(tensors.Select(tensor => tensor.InMemory)));
        if (precision != WeightPrecision.Float32) file.AddMetadata(QuantizedKey, precision.Name());
        if (members.Count > 1) file.AddMetadata(MemberTensors.CountKey, members.Count.ToString(CultureInfo.InvariantCulture));
        foreach ((_, Tensor stored) in tensors) file.Add(stored);
        file.Write(path);

        (Tensor, Tensor) Named((Tensor InMemory, Tensor Stored) tensor, int k)
        {
            string name = MemberTensors.NameOf(tensor.InMemory.Name, k + 1, members.Count);
            return (tensor.InMemory.Named(name), tensor.Stored.Named(name));
        }
    }

    /// <summary>Opens a model and checks all of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cells">The cells that its network may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">
    /// There is no such file, it is not a model of ours, it is newer than this program, damaged, or of a cell that is not among
    /// <paramref name="cells"/>.
    /// </exception>
    public static ModelFile Load(string path, CellCatalog? cells = null) =>
        From(TensorFile.Read(path, (header, entries) => RequireShapes(header, entries, path, cells ?? CellCatalog.BuiltIn)), path, cells);

    /// <summary>What the task has stored, from the file's metadata alone: neither the network nor the weights are looked at.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Valid JSON, whose meaning is the task's.</returns>
    /// <exception cref="UserErrorException">There is no such file, it is not a model of ours, it is newer than this program, or damaged.</exception>
    public static string ReadTaskJson(string path)
    {
        TensorFile file = TensorFile.ReadMetadata(path);
        RequireVersion(file, path);
        return ReadTask(Required(file, TaskKey, path), path);
    }

    /// <summary>Takes a model out of a file that has been read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="cells">As in <see cref="Load"/>.</param>
    /// <exception cref="UserErrorException">As in <see cref="Load"/>.</exception>
    public static ModelFile From(TensorFile file, string name, CellCatalog? cells = null)
    {
        cells ??= CellCatalog.BuiltIn;
        int version = RequireVersion(file, name);
        NetworkSpec spec = ReadSpec(Required(file, SpecKey, name), name, cells, out _);
        string task = ReadTask(Required(file, TaskKey, name), name);
        if (file.MetadataOf(HashKey) is string hash && hash != WeightsHash.Compute(file.Tensors))
            throw new UserErrorException(
                $"'{name}': the weights are not those that were saved, {HashKey} differs: the file is damaged or changed; fetch or save it again.");
        WeightPrecision precision = ReadPrecision(file, name);
        int count = ReadMembers(file, name);
        string conventions = Required(file, ConventionsKey, name);
        Tensor[][] members = [.. MemberTensors.Split(file.Tensors, count, name).Select((own, k) =>
        {
            string label = MemberTensors.FileOf(name, k + 1, count);
            IEnumerable<Tensor> floats = QuantizedTensors.Widen(own, precision, spec, label);
            return LayerConvention.Apply(conventions, spec, cells, floats, label).ToArray();
        })];
        return new(name, version, spec, cells, task, members, precision);
    }

    /// <summary>The weights of one network, as <see cref="Tensors"/>.</summary>
    /// <param name="member">Which, 1 … <see cref="Members"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="member"/> is outside that range.</exception>
    public IReadOnlyList<Tensor> TensorsOf(int member)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(member, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(member, Members);
        return _members[member - 1];
    }

    /// <summary>Copies the weights into a network's parameters, all or none.</summary>
    /// <param name="weights">The parameters of a network built from <see cref="Spec"/>. Overwritten; untouched if this throws.</param>
    /// <param name="member">Whose weights, 1 … <see cref="Members"/>.</param>
    /// <exception cref="UserErrorException">Tensors are missing, unexpected or of another shape: all of them in one line.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="member"/> is outside its range.</exception>
    public void CopyInto(ParameterStore weights, int member = 1)
    {
        IReadOnlyList<Tensor> tensors = TensorsOf(member);
        Dictionary<string, Tensor> left = tensors.ToDictionary(tensor => tensor.Name);
        WeightTransfer transfer = new(MemberTensors.FileOf(Name, member, Members));
        foreach (Parameter parameter in weights.All)
        {
            left.Remove(parameter.Name, out Tensor? tensor);
            transfer.Match(parameter, tensor);
        }
        foreach (Tensor tensor in tensors)
            if (left.ContainsKey(tensor.Name)) transfer.Refuse(tensor);
        transfer.Apply(weights);
    }

    private static void RequireShapes(TensorFile header, IReadOnlyList<TensorEntry> entries, string name, CellCatalog cells)
    {
        RequireVersion(header, name);
        ReadSpec(Required(header, SpecKey, name), name, cells, out Network? network);
        Dictionary<string, TensorEntry> byName = entries.ToDictionary(entry => entry.Name);
        int members = ReadMembers(header, name);
        foreach ((Parameter parameter, int member) in (network?.Parameters.All ?? [])
            .SelectMany(parameter => Enumerable.Range(1, members).Select(member => (parameter, member))))
            if (byName.TryGetValue(MemberTensors.NameOf(parameter.Name, member, members), out TensorEntry? entry)
                && !entry.Shape.AsSpan().SequenceEqual(parameter.Shape))
                throw Damaged(name, SpecKey, $"its network has {parameter}, and the file {Tensor.TextOf(entry.Shape)}");
    }

    private static int ReadMembers(TensorFile file, string name) => MemberTensors.CountOf(file)
        ?? throw Damaged(name, MemberTensors.CountKey, $"it is not a whole number from 2 to {MostMembers}");

    private static void RequireAlike(IReadOnlyList<ParameterStore> members)
    {
        if (members.Count is < 1 or > MostMembers)
            throw new ArgumentException($"expected 1 to {MostMembers} members, got {members.Count}", nameof(members));
        string[] first = [.. members[0].All.Select(parameter => parameter.ToString())];
        foreach (ParameterStore other in members.Skip(1))
            if (!other.All.Select(parameter => parameter.ToString()).SequenceEqual(first))
                throw new ArgumentException("the members' weights differ in names or shapes", nameof(members));
    }

    private static int RequireVersion(TensorFile file, string name)
    {
        if (file.MetadataOf(VersionKey) is not string text)
            throw new UserErrorException(
                $"'{name}' is a safetensors file but not a model of ours: its metadata has no {VersionKey}; give a file that a training run wrote.");
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version < 1)
            throw Damaged(name, VersionKey, "it is not a whole number from 1");
        if (version > Version)
            throw new UserErrorException(
                $"'{name}' is a model of version {version}, and this program reads versions up to {Version}; use a newer program.");
        if (version > 1)
            foreach (string key in new[] { HeaderSeal.Key, HashKey }) Required(file, key, name);
        return version;
    }

    // A network takes no memory until its weights are asked for. That of a translation is no stack: its task builds it.
    private static NetworkSpec ReadSpec(string json, string name, CellCatalog cells, out Network? network)
    {
        NetworkSpec spec = Sound(() => NetworkSpec.FromJson(json), name);
        RequireCells(spec, cells, name);
        Sound(() => spec.Layers.OfType<RecurrentSpec>().Select(layer => cells.Make(layer.Cell)).ToArray(), name);
        network = spec.IsStack ? Sound(() => Network.Build(spec, cells), name) : null;
        return spec;
    }

    private static T Sound<T>(Func<T> read, string name)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or UserErrorException)
        {
            throw Damaged(name, SpecKey, (e is JsonException ? "it does not describe a network: " : "") + e.Message.TrimEnd('.'), e);
        }
    }

    private static void RequireCells(NetworkSpec spec, CellCatalog cells, string name)
    {
        foreach (RecurrentSpec layer in spec.Layers.OfType<RecurrentSpec>())
            if (layer.Cell.Definition is null && cells.Find(layer.Cell.Kind) is null)
                throw new UserErrorException($"'{name}': layer '{layer.Name}' has the cell '{layer.Cell.Kind}', and the catalog of cells that "
                    + $"the file is "
                    + $"opened with has only {string.Join(", ", cells.Kinds)}; open it in a program that hands over a catalog with "
                        + $"'{layer.Cell.Kind}'.");
    }

    private static WeightPrecision ReadPrecision(TensorFile file, string name) => file.MetadataOf(QuantizedKey) switch
    {
        null => WeightPrecision.Float32,
        string known when WeightPrecisions.Of(known) is { } precision and not WeightPrecision.Float32 => precision,
        _ => throw new UserErrorException($"'{name}' is a model that is quantized in another way than to "
            + $"{string.Join(" or ", WeightPrecisions.Names.Skip(1))}, {QuantizedKey}; use a newer program."),
    };

    private static string ReadTask(string json, string name)
    {
        try
        {
            return JsonRecord.Parse(json, _ => json);
        }
        catch (JsonException e)
        {
            throw Damaged(name, TaskKey, e.Message, e);
        }
    }

    private static string Required(TensorFile file, string key, string name) =>
        file.MetadataOf(key) ?? throw Damaged(name, key, "it is missing");

    private static UserErrorException Damaged(string name, string key, string why, Exception? inner = null) =>
        new($"'{name}' is a damaged model, {key}: {why}; fetch or save it again.", inner);
}

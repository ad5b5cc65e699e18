using System.Globalization;
using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>The options of a record of any type, as a command line, a server or a page reads them to offer them.</summary>
public interface IOptionTable
{
    /// <summary>Every option, in the order of help texts and files.</summary>
    IReadOnlyList<OptionLine> All { get; }

    /// <summary>The options that a task offers.</summary>
    /// <param name="task">Its name.</param>
    IEnumerable<OptionLine> OfferedBy(string task);

    /// <summary>The option of that name, or with that earlier name.</summary>
    OptionLine? Find(string name);

    /// <summary>The options with one value from a text; options set later win.</summary>
    /// <param name="options">A record of the table's type.</param>
    /// <param name="name">The option's name, without dashes; its earlier name is accepted too.</param>
    /// <param name="text">Its value.</param>
    /// <exception cref="OptionException">There is no such option, or the text is not such a value.</exception>
    object Parse(object options, string name, string text);

    /// <summary>
    /// Throws at the first value out of its range, and where two options contradict each other: what a run checks before it begins.
    /// </summary>
    /// <exception cref="UserErrorException">There is one.</exception>
    void Check(object options);

    /// <summary>The options as indented JSON, one member each; those without a value are left out.</summary>
    string ToJson(object options);

    /// <summary>The members of <see cref="ToJson"/>, in an object that has been started.</summary>
    void Write(Utf8JsonWriter json, object options);

    /// <summary>
    /// Reads what <see cref="Write"/> wrote, over defaults. What is missing, unknown, of another kind or out of range is refused by name.
    /// </summary>
    /// <exception cref="JsonException">It is not such an object.</exception>
    object Read(JsonElement json, object defaults);

    /// <summary>The options of a model that training on would change: each with the value it has and the one that is asked for.</summary>
    IEnumerable<(OptionLine Option, string Has, string Asked)> ChangesOfModel(object model, object asked);
}

/// <summary>
/// The options of a record, one line each: name, help, where the value is, its range. From it come the command line, its help, configuration
/// files, JSON both ways, and the checks when a run begins, goes on, or trains a model on.
/// </summary>
/// <typeparam name="T">A record of options with <c>init</c> properties.</typeparam>
/// <remarks>
/// Each method adds a line; <see cref="Was"/>, <see cref="OfModel"/>, <see cref="Only"/>, <see cref="MayBeAbsent"/>, <see cref="IsOld"/>,
/// <see cref="Alone"/>, <see cref="Several"/> and <see cref="NotSwept"/> describe the preceding line further.
/// </remarks>
public sealed class OptionTable<T> : IOptionTable where T : class
{
    private readonly List<OptionLine> _lines = [];
    private readonly List<Func<T, string?>> _together = [];

    /// <inheritdoc/>
    public IReadOnlyList<OptionLine> All => _lines;

    /// <summary>A text.</summary>
    public OptionTable<T> String(string name, string value, string help, Func<T, string?> get, Func<T, string, T> set,
        Func<string, string?>? wrong = null) =>
        Add(new OptionLine<T, string>(name, value, help, OptionValues.String, (o, out v) => (v = get(o)!) is not null, set, null, wrong));

    /// <summary>Texts.</summary>
    public OptionTable<T> Strings(
        string name, string value, string help, Func<T, IReadOnlyList<string>> get, Func<T, IReadOnlyList<string>, T> set,
        Func<IReadOnlyList<string>, string?>? wrong = null) => Always(name, value, help, OptionValues.Strings, get, set, wrong);

    /// <summary>A whole number of a range; without one, where the record checks it itself.</summary>
    public OptionTable<T> Int(
        string name, string value, string help, Func<T, int> get, Func<T, int, T> set, int min = int.MinValue, int max = int.MaxValue) =>
        Always(name, value, help, OptionValues.Int, get, set, v => Outside(v, min, max));

    /// <summary>A whole number of a range, or none.</summary>
    public OptionTable<T> Int(string name, string value, string help, Func<T, int?> get, Func<T, int?, T> set, int min, int max) =>
        Perhaps(name, value, help, OptionValues.Int, get, set, v => Outside(v, min, max));

    /// <summary>Whole numbers.</summary>
    public OptionTable<T> Ints(
        string name, string value, string help, Func<T, IReadOnlyList<int>> get, Func<T, IReadOnlyList<int>, T> set,
        Func<IReadOnlyList<int>, string?>? wrong = null) => Always(name, value, help, OptionValues.Ints, get, set, wrong);

    /// <summary>The minimum and the maximum of a range, such as <c>3..7</c>, or none.</summary>
    public OptionTable<T> Range(
        string name, string help, Func<T, IReadOnlyList<int>> get, Func<T, IReadOnlyList<int>, T> set,
        Func<IReadOnlyList<int>, string?>? wrong = null) =>
        Always(name, "MIN..MAX", help, OptionValues.Range, get, set, wrong);

    /// <summary>A number of a range.</summary>
    public OptionTable<T> Double(
        string name, string help, Func<T, double> get, Func<T, double, T> set, double min = double.MinValue, double max = double.MaxValue) =>
        Always(name, "X", help, OptionValues.Double, get, set, v => Outside(v, min, max));

    /// <summary>A number of a range, or none.</summary>
    public OptionTable<T> Double(
        string name, string help, Func<T, double?> get, Func<T, double?, T> set, double min = double.MinValue, double max = double.MaxValue) =>
        Perhaps(name, "X", help, OptionValues.Double, get, set, v => Outside(v, min, max));

    /// <summary>Numbers.</summary>
    public OptionTable<T> Doubles(
        string name, string value, string help, Func<T, IReadOnlyList<double>> get, Func<T, IReadOnlyList<double>, T> set,
        Func<IReadOnlyList<double>, string?>? wrong = null) => Always(name, value, help, OptionValues.Doubles, get, set, wrong);

    /// <summary>A switch.</summary>
    public OptionTable<T> Bool(string name, string help, Func<T, bool> get, Func<T, bool, T> set) =>
        Always(name, "", help, OptionValues.Bool, get, set, null);

    /// <summary>The seed of random draws.</summary>
    public OptionTable<T> Seed(string name, string help, Func<T, ulong> get, Func<T, ulong, T> set) =>
        Always(name, "N", help, OptionValues.Unsigned, get, set, null);

    /// <summary>The seed of random draws, or none.</summary>
    public OptionTable<T> Seed(string name, string help, Func<T, ulong?> get, Func<T, ulong?, T> set) =>
        Perhaps(name, "N", help, OptionValues.Unsigned, get, set, null);

    /// <summary>One of an enumeration's values, by word.</summary>
    /// <param name="name">The option's name.</param>
    /// <param name="help">What it does; its words and the default follow by themselves.</param>
    /// <param name="get">The value.</param>
    /// <param name="set">The options with a value.</param>
    /// <param name="words">The words, in the order of the values; null: the values' names in small letters with hyphens.</param>
    /// <param name="was">Other words that are read, each with its value.</param>
    public OptionTable<T> Choice<TEnum>(
        string name, string help, Func<T, TEnum> get, Func<T, TEnum, T> set, IReadOnlyList<string>? words = null,
        params (string Word, TEnum Value)[] was) where TEnum : struct, Enum
    {
        ChoiceWords<TEnum> choice = new(name, words, was);
        string all = string.Join('|', choice.Words);
        return Always(name, "WORD", help.Length > 0 ? $"{help}: {all}" : all, choice.Kind, get, set, null);
    }

    /// <summary>One of an enumeration's values, by word, or none.</summary>
    public OptionTable<T> Choice<TEnum>(
        string name, string help, Func<T, TEnum?> get, Func<T, TEnum?, T> set, IReadOnlyList<string>? words = null) where TEnum : struct, Enum
    {
        ChoiceWords<TEnum> choice = new(name, words, []);
        return Perhaps(name, "WORD", $"{help}: {string.Join('|', choice.Words)}", choice.Kind, get, set, null);
    }

    /// <summary>The earlier name of the preceding option: still accepted, with a note, and its key in JSON.</summary>
    public OptionTable<T> Was(string name) => With(line => line.Was = name);

    /// <summary>The preceding option belongs to the model: training on cannot change it.</summary>
    public OptionTable<T> OfModel() => With(line => line.OfModel = true);

    /// <summary>The preceding option is offered by some tasks only.</summary>
    public OptionTable<T> Only(params string[] tasks) => With(line => line.Tasks = tasks);

    /// <summary>A JSON text may lack the preceding option: files written before it existed mean its default.</summary>
    public OptionTable<T> MayBeAbsent() => With(line => line.MayBeAbsent = true);

    /// <summary>The preceding option is read so that earlier files and commands work; it is neither offered nor written.</summary>
    public OptionTable<T> IsOld() => With(line => (line.IsOld, line.MayBeAbsent) = (true, true));

    /// <summary>The value of the preceding option where it is named without one.</summary>
    public OptionTable<T> Alone(string value) => With(line => line.Alone = value);

    /// <summary>The preceding option may be followed by several values, such as the files that a shell makes of <c>*.wav</c>.</summary>
    public OptionTable<T> Several() => With(line => line.TakesSeveral = true);

    /// <summary>A sweep cannot choose among values of the preceding option by their validation scores.</summary>
    /// <param name="why">The reason, of <see cref="Unswept"/> or a clause of the option's own: <c>it decides …</c>.</param>
    public OptionTable<T> NotSwept(string why) => With(line => line.NotSwept = why);

    /// <summary>Adds the lines of a table of a base record, such as those that all tasks share.</summary>
    public OptionTable<T> Include(IOptionTable lines)
    {
        _lines.AddRange(lines.All);
        return this;
    }

    /// <summary>A check of options together: what is wrong, beginning with the option's name and a colon; null: nothing.</summary>
    public OptionTable<T> Together(Func<T, string?> wrong)
    {
        _together.Add(wrong);
        return this;
    }

    /// <inheritdoc/>
    public IEnumerable<OptionLine> OfferedBy(string task) => _lines.Where(line => !line.IsOld && line.Tasks?.Contains(task) is not false);

    /// <inheritdoc/>
    public OptionLine? Find(string name) => _lines.FirstOrDefault(line => line.Name == name) ?? _lines.FirstOrDefault(line => line.Was == name);

    /// <inheritdoc cref="IOptionTable.Parse"/>
    public T Parse(T options, string name, string text) => Find(name) is { } line
        ? (T)line.Parse(options, text)
        : throw new OptionException(name, $"there is no such option{NearestName.Question(name, _lines.Where(l => !l.IsOld).Select(l => l.Name))}");

    /// <inheritdoc cref="IOptionTable.Check"/>
    public void Check(T options)
    {
        CheckLines(options);
        foreach (Func<T, string?> wrong in _together)
            if (wrong(options) is { } what)
                throw what.Split(": ", 2) is [var option, var why] && Find(option) is not null
                    ? new OptionException(option, why) : new UserErrorException(what);
    }

    /// <inheritdoc cref="IOptionTable.ToJson"/>
    public string ToJson(T options) => JsonText.Of(json => Write(json, options));

    /// <inheritdoc cref="IOptionTable.Write"/>
    public void Write(Utf8JsonWriter json, T options)
    {
        foreach (OptionLine line in _lines)
            if (!line.IsOld) line.Write(json, options);
    }

    /// <inheritdoc cref="IOptionTable.Read"/>
    public T Read(JsonElement json, T defaults)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new JsonException($"expected an object of options, found {json.ValueKind}");
        object options = defaults;
        HashSet<OptionLine> read = [];
        foreach (JsonProperty member in json.EnumerateObject())
        {
            OptionLine line = _lines.FirstOrDefault(l => l.Key == member.Name) ?? Find(member.Name) ?? throw new JsonException(
                $"there is no option '{member.Name}'{NearestName.Question(member.Name, _lines.Select(l => l.Key)).TrimEnd('?')}");
            options = line.Read(options, member.Value);
            if (!read.Add(line)) throw new JsonException($"the option '{line.Key}' is there twice, as '{member.Name}' too");
        }
        foreach (OptionLine line in _lines)
            if (!line.MayBeAbsent && !read.Contains(line) && line.Text(defaults) is not null)
                throw new JsonException($"the option '{line.Key}' is missing");
        CheckLines((T)options);
        return (T)options;
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="defaults">What a member that may be absent means.</param>
    /// <param name="where">What errors call it: the file's path.</param>
    /// <exception cref="UserErrorException">It is no such JSON, has a key that is not an option, or a value out of range.</exception>
    public T FromJson(string json, T defaults, string where)
    {
        try
        {
            return JsonRecord.Parse(json, root => Read(root, defaults));
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"{where}: not the options of such a run: {e.Message.TrimEnd('.')}; begin a run of another name.", e);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(OptionLine Option, string Has, string Asked)> ChangesOfModel(object model, object asked) =>
        from line in _lines
        where line.OfModel && !line.IsOld
        let has = line.Text(model) ?? ""
        let wanted = line.Text(asked) ?? ""
        where has != wanted
        select (line, has, wanted);

    object IOptionTable.Parse(object options, string name, string text) => Parse((T)options, name, text);

    void IOptionTable.Check(object options) => Check((T)options);

    string IOptionTable.ToJson(object options) => ToJson((T)options);

    void IOptionTable.Write(Utf8JsonWriter json, object options) => Write(json, (T)options);

    object IOptionTable.Read(JsonElement json, object defaults) => Read(json, (T)defaults);

    private void CheckLines(T options)
    {
        foreach (OptionLine line in _lines) line.Check(options);
    }

    private OptionTable<T> Always<TValue>(
        string name, string value, string help, OptionValue<TValue> kind, Func<T, TValue> get, Func<T, TValue, T> set,
        Func<TValue, string?>? wrong) =>
        Add(new OptionLine<T, TValue>(name, value, help, kind, (o, out v) => (v = get(o)) is not null, set, null, wrong));

    private OptionTable<T> Perhaps<TValue>(
        string name, string value, string help, OptionValue<TValue> kind, Func<T, TValue?> get, Func<T, TValue?, T> set, Func<TValue, string?>? wrong)
        where TValue : struct =>
        Add(new OptionLine<T, TValue>(name, value, help, kind, (o, out v) =>
        {
            TValue? own = get(o);
            v = own.GetValueOrDefault();
            return own is not null;
        }, (o, v) => set(o, v), o => set(o, null), wrong) { MayBeAbsent = true });

    private OptionTable<T> Add(OptionLine line)
    {
        _lines.Add(line);
        return this;
    }

    private OptionTable<T> With(Action<OptionLine> more)
    {
        more(_lines[^1]);
        return this;
    }

    private static string? Outside(int v, int min, int max) =>
        v >= min && v <= max ? null : FormattableString.Invariant($"expected a whole number from {min} to {max}, got {v}.");

    private static string? Outside(double v, double min, double max) =>
        v >= min && v <= max ? null : FormattableString.Invariant($"expected a number from {min} to {max}, got {v}.");
}

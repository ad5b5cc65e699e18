using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using System.Text.Json;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Cli;

/// <summary>
/// <c>--config FILE.json</c>: an object whose keys are the options of the command without their dashes. Options on the command line take precedence
/// over those in the file.
/// </summary>
/// <remarks>
/// The file is UTF-8. As a person writes it, it may have comments and commas before a closing bracket; otherwise it is as strict as
/// <see cref="JsonRecord"/> says. A value may stand in quotes: <c>"8"</c> is 8, as on the command line. A list is taken where an option takes several
/// values; <c>null</c> is as if the key were not there.
/// </remarks>
internal static class ConfigFile
{
    private const string Name = "--config";

    /// <summary>The option itself.</summary>
    internal static Option<string> Option() => Opt.String(Name, "FILE.json", "read options from a file; options on the command line take precedence");

    /// <summary>The file that was named, or null.</summary>
    internal static string? Path(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Any(o => o.Name == Name) ? parsed.GetValue<string>(Name) : null;

    /// <summary>The file's options that were not typed, as arguments; empty without a file.</summary>
    /// <exception cref="UserErrorException">The file cannot be read, is no such object, or has a key that is no option.</exception>
    internal static List<string> Arguments(ParseResult parsed)
    {
        if (Path(parsed) is not { } path) return [];
        string text = TextFile.ReadIfThere(path) ?? throw new UserErrorException(Folder.Exists(path)
            ? $"{path}: it is a folder, and a file of options was expected; check the path after --config."
            : $"{path}: the file does not exist; check the path after --config.");
        try
        {
            return JsonRecord.Parse(Encoding.UTF8.GetBytes(text), root => root.ValueKind == JsonValueKind.Object ? Arguments(root, parsed, path)
                : throw new UserErrorException($"{path}: expected an object of options such as {{\"hidden\": 64}}, found {root.ValueKind}."),
                byHand: true);
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"{path}: {e.Message}", e);
        }
    }

    private static List<string> Arguments(JsonElement root, ParseResult parsed, string path)
    {
        Option[] options = [.. CommandLine.Options(parsed.CommandResult.Command)];
        List<string> arguments = [];
        foreach (JsonProperty property in root.EnumerateObject())
        {
            Option option = options.FirstOrDefault(o => o.Name == "--" + property.Name && o.Name != Name)
                ?? throw Unknown(path, property.Name, options);
            bool typed = options.Any(o => Setting(o) == Setting(option) && parsed.GetResult(o) is { Implicit: false });
            if (Text(path, property, option) is { } value && !typed) arguments.Add($"{option.Name}={value}");
        }
        return arguments;
    }

    // An option has the name that it had before too: typed by either, it takes precedence.
    private static string Setting(Option option) => option is ITableOption table ? table.Setting : option.Name;

    private static UserErrorException Unknown(string path, string key, IEnumerable<Option> options) => "--" + key == Name
        ? new($"{path}: '{key}': a file of options names no other one; write its options here.")
        : new($"{path}: there is no option '{key}'" +
            NearestName.Question(key, options.Select(o => o.Name[2..]), "the command's --help lists its options."));

    // What would be typed. A text is read as if it stood on the command line; null, and a list of nothing, are as if the key were not there.
    private static string? Text(string path, JsonProperty property, Option option)
    {
        JsonElement value = property.Value;
        if (value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.Array) return One(path, property.Name, value);
        bool list = option is TableOption table ? table.TakesList : option.ValueType.IsArray;
        if (!list) throw new UserErrorException($"{path}: '{property.Name}': expected one value, found a list; leave the brackets out.");
        string[] texts = [.. value.EnumerateArray().Select(one => One(path, property.Name, one))];
        if (texts.FirstOrDefault(one => one.Contains(',')) is { } odd)
            throw new UserErrorException($"{path}: '{property.Name}': '{odd}' holds a comma, which separates values here; give it another name.");
        return texts.Length == 0 ? null : string.Join(',', texts);
    }

    private static string One(string path, string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: > 0 } text => text,
        JsonValueKind.String => throw new UserErrorException($"{path}: '{name}': expected a value, found an empty text; leave the key out."),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        var kind => throw new UserErrorException($"{path}: '{name}': expected a text, a number, true, false or a list of them, found "
            + $"{kind switch { JsonValueKind.Object => "an object", JsonValueKind.Array => "a list in a list", _ => "null in a list" }}."),
    };
}

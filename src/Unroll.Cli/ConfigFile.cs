using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Cli;

/// <summary>
/// <c>--config FILE.json</c>: an object whose keys are the options of the command without their dashes. Options on the command line take precedence
/// over those in the file.
/// </summary>
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
        using JsonDocument document = Parse(path);
        Option[] options = [.. CommandLine.Options(parsed.CommandResult.Command)];
        List<string> arguments = [];
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            Option option = options.FirstOrDefault(o => o.Name == "--" + property.Name && o.Name != Name)
                ?? throw Unknown(path, property.Name, options);
            bool typed = options.Any(o => Setting(o) == Setting(option) && parsed.GetResult(o) is { Implicit: false });
            if (typed || property.Value.ValueKind == JsonValueKind.Null) continue;
            string value = Text(path, property);
            if (value.Length > 0) arguments.Add($"{option.Name}={value}");
        }
        return arguments;
    }

    // An option has the name that it had before too: typed by either, it takes precedence.
    private static string Setting(Option option) => option is TableOption table ? table.Setting : option.Name;

    private static JsonDocument Parse(string path)
    {
        try
        {
            string text = TextFile.ReadIfThere(path) ?? throw new UserErrorException(Folder.Exists(path)
                ? $"{path}: it is a folder, and a file of options was expected; check the path after --config."
                : $"{path}: the file does not exist; check the path after --config.");
            JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false,
            });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw new UserErrorException($"{path}: expected an object of options such as {{\"hidden\": 64}}, " +
                    $"found {document.RootElement.ValueKind}.");
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"{path}{(e.LineNumber is { } line ? $", line {line + 1}" : "")}: not JSON: "
                + $"{e.Message.Split(" LineNumber")[0]}", e);
        }
    }

    private static UserErrorException Unknown(string path, string key, IEnumerable<Option> options) =>
        new($"{path}: there is no option '{key}'{NearestName.Question(key, options.Select(o => o.Name[2..]))}");

    private static string Text(string path, JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString()!,
        JsonValueKind.Number => property.Value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array when property.Value.EnumerateArray().All(v => v.ValueKind is JsonValueKind.String or JsonValueKind.Number) =>
            string.Join(',', property.Value.EnumerateArray().Select(v => v.ToString())),
        _ => throw new UserErrorException($"{path}: '{property.Name}': expected a text, a number, true, false or a list of them, " +
            $"found {property.Value.ValueKind}."),
    };
}

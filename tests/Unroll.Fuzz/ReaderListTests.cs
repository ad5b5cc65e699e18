using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks;
using Unroll.Tasks.Data;

namespace Unroll.Fuzz;

/// <summary>A reader that no target goes through is found by its signature: bytes, a stream, a text or names of data in; something made of them
/// out.</summary>
public sealed class ReaderListTests
{
    private static readonly Type[] s_inputs =
        [typeof(byte[]), typeof(ReadOnlySpan<byte>), typeof(ReadOnlyMemory<byte>), typeof(Stream), typeof(TextReader), typeof(TensorFile),
            typeof(DataFiles)];

    // Read through the readers of the list, by what calls them: they see no bytes of their own.
    private static readonly string[] s_within =
    [
        "Unroll.Core.JsonRecord", "Unroll.Files.Disk", "Unroll.Files.FileErrors", "Unroll.Files.TextFile", "Unroll.Formats.TensorFileReader",
            "Unroll.Formats.TensorHeader",
        "Unroll.Tasks.Data.Audio.WavFormat", "Unroll.Tasks.Data.TimeSeries.ColumnScaling", "Unroll.Tasks.Forecast.ForecastData",
        "Unroll.Tasks.Forecast.ForecastDescription", "Unroll.Tasks.Labels.LabelData", "Unroll.Tasks.Language.LanguageData",
        "Unroll.Tasks.Language.LanguageDescription", "Unroll.Tasks.Music.MusicData", "Unroll.Tasks.Speech.SpeechDescription",
        "Unroll.Tasks.Translation.TranslationData", "Unroll.Training.TrainingOptions",
    ];

    [Fact]
    public void Every_reader_has_a_target()
    {
        HashSet<Type> covered = [.. FuzzTests.All.SelectMany(target => target.Covers)];
        string[] missing = [.. new[] { typeof(UserErrorException).Assembly, typeof(TaskList).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute), false) && !type.Name.StartsWith('<') && type.DeclaringType is null)
            .Where(type => !covered.Contains(type) && Reads(type)).Select(type => type.FullName!)
            .Where(name => !s_within.Contains(name)).Order(StringComparer.Ordinal)];
        Assert.True(missing.Length == 0, "readers without a fuzz target: " + string.Join(", ", missing));
    }

    private static bool Reads(Type type) => type
        .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Any(method => method.ReturnType != typeof(void) && !method.Name.StartsWith('<') && !method.IsPrivate
            && method.GetParameters() is { Length: > 0 } all
            && (method.Name.StartsWith("Read", StringComparison.Ordinal) || method.Name.StartsWith("Open", StringComparison.Ordinal)
                || method.Name.StartsWith("Load", StringComparison.Ordinal) || method.Name.StartsWith("Parse", StringComparison.Ordinal)
                || method.Name.StartsWith("Decode", StringComparison.Ordinal) || method.Name is "From" or "FromJson" or "Unpacked")
            && (s_inputs.Contains(all[0].ParameterType) || all.Any(one => one.ParameterType == typeof(DataFiles))
                || (all[0].ParameterType == typeof(string) && (all[0].Name is "path" or "json"))));
}

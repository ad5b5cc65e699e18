using System.Globalization;
using Unroll.Core;

namespace Unroll.Inspection.Derivation;

/// <summary>A parameter's numbers as someone gave them.</summary>
/// <param name="Name">The parameter.</param>
/// <param name="Line">The line of the text, from 1.</param>
/// <param name="Rows">Its rows.</param>
public sealed record GivenParameter(string Name, int Line, IReadOnlyList<double[]> Rows);

//  W_f = 0.1 0.2; 0.3 0.4      a row behind a semicolon, numbers apart by blanks or commas; # begins a comment

/// <summary>Numbers of one's own choice for a definition: weights as text, a parameter a line, and the inputs of some steps.</summary>
public sealed record GivenNumbers
{
    /// <summary>What errors call the text of the weights.</summary>
    public string File { get; init; } = "weights";

    /// <summary>The parameters that were given.</summary>
    public IReadOnlyList<GivenParameter> Parameters { get; init; } = [];

    /// <summary>The input of each step; null: chosen for the cell.</summary>
    public IReadOnlyList<double[]>? Steps { get; init; }

    /// <summary>Reads weights.</summary>
    /// <param name="text">A line a parameter: <c>W_f = 0.1 0.2; 0.3 0.4</c>.</param>
    /// <param name="file">What errors call the text.</param>
    /// <exception cref="UserErrorException">A line is none such; names file and line.</exception>
    public static GivenNumbers Read(string text, string file)
    {
        List<GivenParameter> all = [];
        string[] lines = text.Split('\n');
        for (int k = 0; k < lines.Length; k++)
        {
            string line = lines[k].Split('#')[0].Trim(), place = $"{file}, line {k + 1}";
            if (line.Length == 0) continue;
            int equal = line.IndexOf('=');
            if (equal <= 0)
                throw new UserErrorException($"{place}: expected a parameter and its numbers, as W_f = 0.1 0.2; 0.3 0.4, found '{line}'.");
            string name = line[..equal].Trim();
            if (all.Any(one => one.Name == name))
                throw new UserErrorException($"{place}: '{name}' has its numbers already; delete one of the two lines.");
            all.Add(new(name, k + 1, Rows(line[(equal + 1)..], $"{place}: {name}")));
        }
        return new GivenNumbers { File = file, Parameters = all };
    }

    /// <summary>Reads the inputs of some steps.</summary>
    /// <param name="text">A step behind each semicolon, its features apart by commas: <c>"1, 0.5; -1, 0.3"</c>.</param>
    /// <exception cref="UserErrorException">The text is none such, or the steps have unequal numbers of features.</exception>
    public static IReadOnlyList<double[]> ReadSteps(string text) => Rows(text, "input");

    private static double[][] Rows(string text, string place)
    {
        double[][] rows = [.. text.Split(';').Select((row, k) => Row(row, rows: text.Contains(';') ? $", part {k + 1}" : "", place))];
        return Array.TrueForAll(rows, row => row.Length == rows[0].Length) ? rows : throw new UserErrorException(
            $"{place}: expected as many numbers in each part between semicolons, found {string.Join(", ", rows.Select(row => row.Length))}.");
    }

    private static double[] Row(string text, string rows, string place)
    {
        string[] words = text.Split([',', ' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) throw new UserErrorException($"{place}{rows}: expected numbers, found nothing.");
        return [.. words.Select(word =>
            double.TryParse(word.Replace('−', '-'), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) <= 1e6
            ? value : throw new UserErrorException($"{place}{rows}: expected numbers of at most a million in size, found '{word}'."))];
    }
}

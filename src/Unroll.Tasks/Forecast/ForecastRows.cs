using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Forecast;

/// <summary>The last rows of a session, as the data have them. Immutable.</summary>
internal sealed class ForecastRows
{
    private const int Doubles = -1;
    private readonly int _kept;

    /// <param name="columns">Columns that are forecast or seen.</param>
    /// <param name="known">Columns known in the future.</param>
    /// <param name="kept">Rows that are kept.</param>
    internal ForecastRows(int columns, int known, int kept)
        : this(kept, 0, [.. Enumerable.Repeat<double[]>([], columns)], [.. Enumerable.Repeat<double[]>([], known)], null) { }

    private ForecastRows(int kept, int count, double[][] values, double[][] known, double? time) =>
        (_kept, Count, Values, Known, Time) = (kept, count, values, known, time);

    /// <summary>How many there are.</summary>
    internal int Count { get; }

    /// <summary>[columns][Count].</summary>
    internal double[][] Values { get; }

    /// <summary>[known][Count + horizon]: of the rows, then of those to come. That of the very first row is never looked at.</summary>
    internal double[][] Known { get; }

    /// <summary>The time of the last row; null: times are unknown.</summary>
    internal double? Time { get; }

    /// <summary>With one row more, and without the oldest where there are too many.</summary>
    internal ForecastRows With(double[] row, double[][] known, double? time)
    {
        int from = Count < _kept ? 0 : 1, count = Count - from + 1;
        return new ForecastRows(_kept, count, [.. Values.Select((column, c) => (double[])[.. column[from..], row[c]])],
            [.. Known.Select((column, k) => (double[])[.. Count == 0 ? [0.0] : column[from..(Count + 1)], .. known[k]])], time);
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write(Doubles);
        writer.Write(Count);
        writer.Write(Time ?? double.NaN);
        foreach (double[] column in (double[][])[.. Values, .. Known])
        {
            writer.Write(column.Length);
            foreach (double value in column) writer.Write(value);
        }
    }

    /// <exception cref="FormatException">It is not what <see cref="Save"/> wrote for such rows.</exception>
    internal ForecastRows Load(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        bool doubles = count == Doubles;                     // snapshots of earlier versions begin with the count and have float32
        if (doubles) count = reader.ReadInt32();
        double time = reader.ReadDouble();
        double[] Column()
        {
            int length = reader.ReadInt32();
            if (count < 0 || count > _kept || length < 0 || length > reader.BaseStream.Length) throw new FormatException("rows of another model");
            double[] column = new double[length];
            for (int i = 0; i < length; i++) column[i] = doubles ? reader.ReadDouble() : reader.ReadSingle();
            return column;
        }
        double[][] values = [.. Values.Select(_ => Column())], known = [.. Known.Select(_ => Column())];
        return values.All(column => column.Length == count)
            ? new ForecastRows(_kept, count, values, known, double.IsNaN(time) ? null : time) : throw new FormatException("rows of another model");
    }

    /// <summary>A row of JSON: an object by names, a list in their order, or a number where there is one.</summary>
    internal static double[] Read(JsonElement row, IReadOnlyList<string> names, string what)
    {
        double Number(JsonElement value, string name) => value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.Null => double.NaN,
            _ => throw new UserErrorException($"{what}: '{name}': expected a number, found {value.GetRawText()}."),
        };
        switch (row.ValueKind)
        {
            case JsonValueKind.Array:
                return [.. row.EnumerateArray().Select((value, i) => Number(value, i < names.Count ? names[i] : $"{i}"))];
            case JsonValueKind.Object:
                foreach (JsonProperty member in row.EnumerateObject())
                    if (!names.Contains(member.Name))
                        throw new UserErrorException($"{what}: there is no column '{member.Name}'" +
                            NearestName.Question(member.Name, names, $"expected {string.Join(", ", names)}."));
                return [.. names.Select(name => row.TryGetProperty(name, out JsonElement value) ? Number(value, name)
                    : throw new UserErrorException($"{what}: the column '{name}' is missing."))];
            default: return [Number(row, names.Count > 0 ? names[0] : "")];
        }
    }
}

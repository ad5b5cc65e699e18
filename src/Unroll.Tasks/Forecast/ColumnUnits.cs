using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Forecast;

/// <summary>Units beside the numbers of a model's columns (kg, %, €): data in another unit would be forecast a factor off.</summary>
internal static class ColumnUnits
{
    /// <summary>The unit of each column; empty: none.</summary>
    internal static string[] Of(Table table, IEnumerable<string> columns) =>
        [.. columns.Select(name => NumberForm.Of(table, table.Column(name), out _)?.Unit ?? "")];

    /// <summary>Columns of a model, in the order of <see cref="ForecastDescription.Units"/>.</summary>
    internal static IEnumerable<string> Columns(ForecastOptions options) => [.. options.Column, .. options.Input, .. options.Known];

    /// <summary>Notes columns of which only the model or only the data have a unit.</summary>
    /// <exception cref="UserErrorException">A column has another unit than the model was trained on.</exception>
    internal static void Compare(ForecastDescription description, Table table)
    {
        if (description.Units.Count == 0) return;
        string[] columns = [.. Columns(description.Options).Where(column => !CalendarInputs.IsCalendar(column))], units = Of(table, columns);
        for (int i = 0; i < columns.Length; i++)
        {
            string trained = description.Units[i], found = units[i];
            if (Same(trained) == Same(found)) continue;
            int column = table.Column(columns[i]);
            int row = Enumerable.Range(0, table.Rows).FirstOrDefault(r => !table.IsMissing(table.Text(r, column)), -1);
            if (row < 0) continue;
            string text = Table.Shorten(table.Text(row, column)), was = Table.Shorten(trained);
            if (trained.Length > 0 && found.Length > 0)
                throw new UserErrorException($"{table.Where(row, column)}: expected numbers in '{was}', as the model was trained on, found " +
                    $"'{text}'; convert them to '{was}', or train a model on '{Table.Shorten(found)}'.");
            table.Note($"{table.Where(row, column)}: " + (found.Length == 0
                ? $"'{text}' has no unit and is taken for {text} {was}, as the model was trained on; where it is not, convert the column."
                : $"'{text}' has a unit, and the model was trained on numbers without one; check that they mean the same."));
        }
    }

    private static string Same(string unit) => unit switch
    {
        "€" => "EUR",
        "£" => "GBP",
        "₹" => "INR",
        "$" or "US$" => "USD",
        _ => unit,
    };
}

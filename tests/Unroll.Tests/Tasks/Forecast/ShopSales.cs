using System.Globalization;
using System.Text;
using Unroll.Core;

namespace Unroll.Tests.Tasks.Forecast;

/// <summary>
/// Sales of twelve shops a day: a pattern of the week with closed Sundays, promotions with a lift of each shop's own, holidays, a slow level, Poisson
/// counts; sizes from 10 to 500, the last shop opened late, one closed for a month.
/// </summary>
internal static class ShopSales
{
    private static readonly double[] s_week = [0.8, 0.85, 0.95, 1, 1.3, 1.6, 0];     // from Monday

    /// <summary>A table of <c>day,shop,units,promotion,holiday,sunday</c>; the last <paramref name="future"/> days have no units.</summary>
    internal static string Csv(int days, int future = 14, ulong seed = 11)
    {
        StringBuilder csv = new("day,shop,units,promotion,holiday,sunday\n");
        for (int shop = 0; shop < 12; shop++) Add(csv, shop, days, future, new Rng(seed).For($"shop {shop}"));
        return csv.ToString();
    }

    private static void Add(StringBuilder csv, int shop, int days, int future, Rng random)
    {
        double size = 10 * Math.Pow(2.2, shop % 6) * (0.8 + 0.4 * random.Uniform(0)), lift = 0.5 + random.Uniform(1), level = 0;
        bool promotion = false;
        int first = shop == 11 ? 2 * days / 3 : 0;
        for (int d = 0; d < days + future; d++)
        {
            Rng own = random.At((ulong)d + 1);
            DateOnly day = new DateOnly(2021, 1, 4).AddDays(d);
            promotion = promotion ? own.Uniform(0) > 0.3 : own.Uniform(0) < 0.08;
            bool holiday = (day.Month, day.Day) is (1, 1) or (5, 1) or (7, 14) or (11, 1) or (12, 25) or (12, 26), sunday = d % 7 == 6;
            level = 0.95 * level + 0.04 * own.Normal(1);
            double mean = size * s_week[d % 7] * (promotion ? 1 + lift : 1) * Math.Exp(level + 0.2 * Math.Sin(2 * Math.PI * d / 365.25));
            if (holiday || (shop == 4 && d >= days / 3 && d < days / 3 + 30)) mean = 0;
            if (d < first) continue;
            string units = d < days ? Count(mean, own.For("count")).ToString(CultureInfo.InvariantCulture) : "";
            csv.Append(CultureInfo.InvariantCulture,
                $"{day:yyyy-MM-dd},shop {shop + 1},{units},{(promotion ? 1 : 0)},{(holiday ? 1 : 0)},{(sunday ? 1 : 0)}\n");
        }
    }

    // Poisson by Knuth for small means, by the normal one above.
    private static int Count(double mean, Rng random)
    {
        if (mean > 50) return (int)Math.Max(0, Math.Round(mean + Math.Sqrt(mean) * random.Normal(0)));
        double least = Math.Exp(-mean), product = random.Uniform(0);
        int count = 0;
        for (; product > least; count++) product *= random.Uniform((ulong)count + 1);
        return count;
    }
}

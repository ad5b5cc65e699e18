using System.Text.Json;

namespace Unroll.Tests.Inspection.Derivation;

/// <summary>What cell.js does with the JSON of a page, once more: all steps forward and back.</summary>
internal sealed class PageScript(JsonElement page)
{
    private readonly JsonElement _states = page.GetProperty("states"), _parameters = page.GetProperty("parameters");
    private readonly double[][] _x = [.. page.GetProperty("x").EnumerateArray().Select(Numbers)];
    private readonly List<Dictionary<string, double[]>> _q = [], _d = [];

    /// <summary>The loss, the rows forward, the rows back, the sums: in the order of the member <c>initial</c>.</summary>
    public IEnumerable<double> Run()
    {
        for (int t = 0; t < _x.Length; t++)
        {
            (Dictionary<string, double[]> q, Dictionary<string, double[]> d) = ([], []);
            _q.Add(q);
            _d.Add(d);
            foreach (JsonElement row in Rows("forward")) q[Name(row)!] = Spread(Value(row.GetProperty("value"), t), Width(row));
        }
        JsonElement[] back = [.. Rows("backward")], sums = [.. Rows("sums")];
        double[][][][] shown = new double[_x.Length][][][];
        double[][] sum = [.. sums.Select(row => new double[_parameters.GetProperty(Name(row)!).GetProperty("values").GetArrayLength()])];
        for (int t = _x.Length - 1; t >= 0; t--)
        {
            shown[t] = [.. back.Select(row => Shown(row, t))];
            for (int k = 0; k < sums.Length; k++)
                foreach (JsonElement term in sums[k].GetProperty("terms").EnumerateArray()) sum[k] = Add(sum[k], Term(term, t, sum[k].Length));
        }

        double loss = _q.Sum(step => step[page.GetProperty("output").GetString()!].Sum(y => y * y / 2));
        IEnumerable<int> steps = Enumerable.Range(0, _x.Length);
        return
        [
            loss, .. _x.SelectMany(x => x),
            .. _states.EnumerateObject().SelectMany(state => steps.SelectMany(t => Before(state.Name, t))),
            .. Rows("forward").SelectMany(row => _q.SelectMany(step => step[Name(row)!])),
            .. back.SelectMany((_, k) => Enumerable.Range(0, shown[0][k].Length).SelectMany(j => steps.SelectMany(t => shown[t][k][j]))),
            .. sum.SelectMany(values => values),
        ];
    }

    private double[][] Shown(JsonElement row, int t)
    {
        double[][] terms = [.. row.GetProperty("terms").EnumerateArray().Select(term => Term(term, t, Width(row)))];
        double[] sum = terms.Aggregate(new double[Width(row)], Add);
        if (Name(row) is { } name) _d[t][name] = sum;
        else return [sum];
        return terms.Length > 1 ? [.. terms, sum] : [sum];
    }

    private double[] Term(JsonElement term, int t, int width)
    {
        JsonElement tree = term.GetProperty("tree");
        if (t == _x.Length - 1 && tree.ValueKind == JsonValueKind.Array && tree[0].GetString() == "after") return new double[width];
        double sign = term.TryGetProperty("negative", out JsonElement negative) && negative.GetBoolean() ? -1 : 1;
        return [.. Spread(Value(tree, t), width).Select(v => sign * v)];
    }

    private double[] Before(string state, int t) => t > 0 ? _q[t - 1][state] : Numbers(_states.GetProperty(state));

    private double[] Value(JsonElement tree, int t)
    {
        if (tree.ValueKind == JsonValueKind.Number) return [tree.GetDouble()];
        string op = tree[0].GetString()!;
        string One() => tree[1].GetString()!;
        double[] A() => Value(tree[1], t);
        double[] B() => Value(tree[2], t);
        double[] Map(Func<double, double> f) => [.. A().Select(f)];
        double[] Zip(Func<double, double, double> f) => Zipped(A(), B(), f);
        return op switch
        {
            "x" => _x[t],
            "q" => _q[t][One()],
            "d" => _d[t][One()],
            "b" => Before(One(), t),
            "p" => Numbers(_parameters.GetProperty(One()).GetProperty("values")),
            "after" => Value(tree[1], t + 1),
            "loss" => A(),
            "sum" => [A().Sum()],
            "outer" => [.. A().SelectMany(a => B().Select(b => a * b))],
            "clip" => Map(a => Math.Min(Math.Max(a, tree[2].GetDouble()), tree[3].GetDouble())),
            "norm" => Norm(A(), tree[2].GetDouble(), (a, mean, scale) => scale * (a - mean)),
            "normBack" => NormBack(One(), B(), t),
            "W" => Product(_parameters.GetProperty(One()), B(), tree[3].GetInt32()),
            "neg" => Map(a => -a),
            "sigmoid" => Map(a => a >= 0 ? 1 / (1 + Math.Exp(-a)) : Math.Exp(a) / (1 + Math.Exp(a))),
            "tanh" => Map(Math.Tanh),
            "relu" => Map(a => Math.Max(a, 0)),
            "exp" => Map(Math.Exp),
            "log" => Map(Math.Log),
            "softplus" => Map(a => Math.Max(a, 0) + Math.Log(1 + Math.Exp(-Math.Abs(a)))),
            "hardsigmoid" => Map(a => Math.Clamp(a / 6 + 0.5, 0, 1)),
            "sqrt" => Map(Math.Sqrt),
            "+" => Zip((a, b) => a + b),
            "-" => Zip((a, b) => a - b),
            "*" => Zip((a, b) => a * b),
            "/" => Zip((a, b) => a / b),
            "^" => Zip(Math.Pow),
            "max" => Zip(Math.Max),
            "min" => Zip(Math.Min),
            ">" => Zip((a, b) => a > b ? 1 : a < b ? 0 : a - b),
            ">=" => Zip((a, b) => a < b ? 0 : a > b ? 1 : a - b + 1),
            _ => throw new InvalidOperationException(op),
        };
    }

    private double[] NormBack(string name, double[] d, int t)
    {
        JsonElement of = Rows("forward").Single(row => Name(row) == name).GetProperty("value");
        double[] p = _q[t][name], scale = Norm(Value(of[1], t), of[2].GetDouble(), (_, _, rho) => rho);
        double mean = d.Average(), along = d.Zip(p, (a, b) => a * b).Average();
        return [.. d.Select((v, i) => scale[0] * (v - mean - p[i] * along))];
    }

    private static double[] Norm(double[] p, double epsilon, Func<double, double, double, double> f)
    {
        double mean = p.Average(), scale = 1 / Math.Sqrt(p.Average(a => (a - mean) * (a - mean)) + epsilon);
        return [.. p.Select(a => f(a, mean, scale))];
    }

    private static double[] Product(JsonElement matrix, double[] of, int form)
    {
        int rows = matrix.GetProperty("rows").GetInt32(), columns = matrix.GetProperty("columns").GetInt32();
        double[] w = Numbers(matrix.GetProperty("values"));
        double[] plain = [.. Enumerable.Range(0, form == 1 ? columns : rows).Select(i =>
            of.Select((v, j) => v * w[form == 1 ? j * columns + i : i * columns + j]).Sum())];
        return form < 2 ? plain : [.. plain.Select((v, i) => v - of.Select((u, j) => u * w[j * columns + i]).Sum())];
    }

    private IEnumerable<JsonElement> Rows(string member) => page.GetProperty(member).EnumerateArray();

    private static string? Name(JsonElement row) => row.TryGetProperty("name", out JsonElement name) ? name.GetString() : null;

    private static int Width(JsonElement row) => row.GetProperty("width").GetInt32();

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];

    private static double[] Spread(double[] value, int width) => value.Length == width ? value : [.. Enumerable.Repeat(value[0], width)];

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Zipped(double[] a, double[] b, Func<double, double, double> f) =>
        [.. Enumerable.Range(0, Math.Max(a.Length, b.Length)).Select(i => f(a[i % a.Length], b[i % b.Length]))];
}

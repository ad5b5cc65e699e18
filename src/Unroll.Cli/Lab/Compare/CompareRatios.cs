using System.Globalization;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Cli.Lab.Compare;

/// <summary>Parameters of a recurrent layer at equal hidden size: rnn : gru : lstm = 1 : 3 : 4 (study notes, S47).</summary>
internal static class CompareRatios
{
    private static readonly string[] Three = ["rnn", "gru", "lstm"];

    internal static LabTable Table(IComparison comparison, int hidden)
    {
        long[] counts = Counts(comparison, hidden);
        LabTable table = new("parameters at equal hidden size", "cell", "hidden", "parameters", "of the rnn's");
        for (int i = 0; i < Three.Length; i++) table.Add(Three[i], hidden, (int)counts[i], (double)counts[i] / counts[0]);
        return table;
    }

    internal static LabVerdict Verdict(IComparison comparison, int hidden)
    {
        long[] counts = Counts(comparison, hidden);
        return new LabVerdict("S47", "parameters of rnn : gru : lstm are as 1 : 3 : 4 at equal hidden size",
            string.Create(CultureInfo.InvariantCulture,
            $"recurrent layers of {hidden} units have {counts[0]}, {counts[1]} and {counts[2]} parameters, 1 : "
                + $"{(double)counts[1] / counts[0]:G4} : {(double)counts[2] / counts[0]:G4}."),
            counts[1] == 3 * counts[0] && counts[2] == 4 * counts[0]);
    }

    private static long[] Counts(IComparison comparison, int hidden) => Array.ConvertAll(Three, name =>
    {
        Network network = comparison.Network(LabCells.Find(name), hidden);
        HashSet<string> recurrent = [.. network.Spec.Layers.OfType<RecurrentSpec>().Select(layer => layer.Name)];
        return network.Parameters.All.Where(parameter => recurrent.Contains(parameter.Name.Split('.')[0]))
            .Sum(parameter => (long)parameter.Length);
    });
}

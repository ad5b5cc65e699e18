using System.Globalization;
using Unroll.Core;
using Unroll.Layers;

namespace Unroll.Cli.Bench;

/// <summary><c>matmul</c>: the product of a linear layer, y [M, N] = x [M, K] Wᵀ + b, W packed before as for every pass of a network.</summary>
internal static class ProductBench
{
    private static readonly (int M, int N, int K)[] Sizes =
    [
        (256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048), (32, 1024, 256), (32, 512, 128), (32, 2048, 512),
        (1600, 512, 128), (2, 1024, 256), (1, 512, 128), (1, 1024, 256), (1, 4096, 1024),
    ];

    internal static void Run(BenchRun run)
    {
        run.Output.Head("workload  M,N,K                  GFLOP/s      min      max  of peak");
        foreach ((int m, int n, int k) in run.Each(Sizes))
        {
            run.Machine.WarmUp("matmul", Product(run, 16, 16, 16));
            (Times times, double peak, _, _) = run.Machine.Measure(run.Plan.Timing, Product(run, m, n, k));
            double Gflops(double seconds) => 2.0 * m * n * k / seconds / 1e9;
            string rates = string.Create(CultureInfo.InvariantCulture,
                $"{Gflops(times.Median),11:F1} {Gflops(times.Max),8:F1} {Gflops(times.Min),8:F1} {100 * Gflops(times.Median) / peak,7:F1}%");
            run.Output.Line("matmul", $"matmul    {$"{m},{n},{k}",-18} {rates}",
                json =>
                {
                    json.WriteNumber("M", m);
                    json.WriteNumber("N", n);
                    json.WriteNumber("K", k);
                    json.WriteString("trans", "NT");
                    json.WriteNumber("gflops", Math.Round(Gflops(times.Median), 1));
                    json.WriteNumber("min", Math.Round(Gflops(times.Max), 1));
                    json.WriteNumber("max", Math.Round(Gflops(times.Min), 1));
                    json.WriteNumber("peak_gflops", Math.Round(peak, 1));
                    json.WriteNumber("share_of_peak", Math.Round(Gflops(times.Median) / peak, 4));
                });
        }
    }

    private static Action Product(BenchRun run, int m, int n, int k)
    {
        ParameterStore store = new();
        Dense layer = new("product", store, k, n);
        using (Edit edit = store.Edit()) new Rng(7).For("weights").Uniform(0, edit.Values);
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.Uniform(m, 1), k);
        new Rng(7).For("x").Uniform(0, x.All);
        Pass pass = new(new Workspace(), run.Machine.Team, new Rng(7), Training: false) { InferenceOnly = true };
        return () =>
        {
            pass.Workspace.Reset();
            layer.Forward(x, pass);
        };
    }
}

using System.Globalization;
using Unroll.Benchmarks;

// dotnet run -c Release --project bench/Unroll.Benchmarks -- [cell] [B,T,I,H] [threads]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string cell = args.Length > 0 ? args[0] : "lstm";
int[] shape = [.. (args.Length > 1 ? args[1] : "32,100,128,128").Split(',').Select(int.Parse)];
int threads = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;

using Unroll.Numerics.ThreadTeam team = new(threads);
double peak = Unroll.Numerics.MachineLimits.MultiplyAdds(team, 20);
TrainingTimes times = TrainingTimes.Measure(cell, shape[0], shape[1], shape[2], shape[3], threads);
Console.WriteLine($"{cell} {string.Join(',', shape)}, {threads} thread(s), median of {times.Samples}");
Console.WriteLine($"  peak of fused multiply-adds   {peak,8:F1} GFLOP/s");
Console.WriteLine($"  forward + backward            {times.BackwardMicroseconds,8:F0} µs   {times.Gflops(times.BackwardMicroseconds),6:F1} GFLOP/s   {100 * times.Gflops(times.BackwardMicroseconds) / peak,5:F1} % of the peak");
Console.WriteLine($"    its quickest                {times.BestMicroseconds,8:F0} µs   {times.Gflops(times.BestMicroseconds),6:F1} GFLOP/s   {100 * times.Gflops(times.BestMicroseconds) / peak,5:F1} % of the peak");
Console.WriteLine($"  with clipping and Adam        {times.StepMicroseconds,8:F0} µs   {times.Gflops(times.StepMicroseconds),6:F1} GFLOP/s   {100 * times.Gflops(times.StepMicroseconds) / peak,5:F1} % of the peak");
Console.WriteLine($"  bytes allocated in a step     {times.BytesPerStep,8}");

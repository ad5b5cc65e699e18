using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Unroll.Benchmarks;

// dotnet run -c Release --project bench/Unroll.Benchmarks -- memory --shape 1,100000,64,64 --recompute auto
if (args is ["memory", ..])
{
    TrainingMemory.Run(args.AsSpan(1));
    return;
}

// dotnet run -c Release --project bench/Unroll.Benchmarks -- --filter '*Gates*'
// In this process: the kernels are the very ones of the library that was built, and no project has to be generated.
IConfig config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumn(StatisticColumn.Median, StatisticColumn.Min)
    .HideColumns(Column.Error, Column.StdDev, Column.Gen0, Column.Gen1, Column.Gen2);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);

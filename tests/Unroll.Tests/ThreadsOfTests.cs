using System.Runtime.CompilerServices;
using Unroll.Numerics;

namespace Unroll.Tests;

/// <summary>Tests get the number of threads that they ask for, however busy the machine is.</summary>
internal static class ThreadsOfTests
{
    [ModuleInitializer]
    internal static void AreSteady() => ThreadTeam.AdaptsByDefault = false;
}

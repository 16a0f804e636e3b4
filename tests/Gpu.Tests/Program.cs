using Xunit.Abstractions;
using Xunit.Sdk;

namespace DataSsl.Gpu.Tests;

/// <summary>
/// Runs this assembly's tests without an SDK: prints failures and skips, and one last line <c>N passed, N failed, N skipped</c>; the exit
/// code is 1 where one failed.
/// </summary>
public static class Program
{
    public static int Main()
    {
        using var framework = new XunitTestFramework(new Silence());
        using var executor = framework.GetExecutor(typeof(Program).Assembly.GetName());
        using var results = new Results();
        executor.RunAll(results, new Settings(), new Settings());
        return results.Wait();
    }

    private sealed class Results : LongLivedMarshalByRefObject, IMessageSink, IDisposable
    {
        private readonly ManualResetEventSlim ended = new();
        private int passed, failed, skipped;

        public bool OnMessage(IMessageSinkMessage message)
        {
            switch (message)
            {
                case ITestPassed test:
                    Interlocked.Increment(ref passed);
                    Console.WriteLine($"passed   {test.Test.DisplayName} ({test.ExecutionTime:0.00} s)");
                    break;
                // The package for skippable facts throws, and its own sink is not in between here.
                case ITestFailed { ExceptionTypes: ["Xunit.SkipException", ..] } test:
                    Skip(test, test.Messages[0]);
                    break;
                case ITestSkipped test:
                    Skip(test, test.Reason);
                    break;
                case ITestFailed test:
                    Fail($"{test.Test.DisplayName}: {string.Join("; ", test.Messages)}\n{string.Join('\n', test.StackTraces)}");
                    break;
                case IErrorMessage error:
                    Fail(string.Join("; ", error.Messages));
                    break;
                case ITestAssemblyFinished:
                    ended.Set();
                    break;
            }
            return true;
        }

        public int Wait()
        {
            ended.Wait();
            Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
            return failed == 0 && passed + skipped > 0 ? 0 : 1;
        }

        public void Dispose() => ended.Dispose();

        private void Skip(ITestMessage test, string reason)
        {
            Interlocked.Increment(ref skipped);
            Console.WriteLine($"skipped  {test.Test.DisplayName}: {reason}");
        }

        private void Fail(string what)
        {
            Interlocked.Increment(ref failed);
            Console.WriteLine($"FAILED   {what}");
        }
    }

    private sealed class Silence : LongLivedMarshalByRefObject, IMessageSink
    {
        public bool OnMessage(IMessageSinkMessage message) => true;
    }

    /// <summary>Every setting at its default, but one test at a time: they share the device.</summary>
    private sealed class Settings : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
    {
        private readonly Dictionary<string, object?> values = new() { ["xunit.execution.DisableParallelization"] = true };

        public TValue GetValue<TValue>(string name) => values.TryGetValue(name, out var value) && value is TValue found ? found : default!;

        public void SetValue<TValue>(string name, TValue value) => values[name] = value;
    }
}

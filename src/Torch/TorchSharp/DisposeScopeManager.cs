namespace TorchSharp;

/// <summary>The stack of dispose scopes of each thread, a list through <see cref="DisposeScope.Outer"/>.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScope? t_current;

    internal static DisposeScope? Current => t_current;

    internal static DisposeScope Enter() => t_current = new DisposeScope(t_current);

    /// <summary>Takes a scope out of the stack, wherever in it the scope is.</summary>
    internal static void Leave(DisposeScope scope)
    {
        if (t_current == scope)
        {
            t_current = scope.Outer;
            return;
        }
        for (var inner = t_current; inner is not null; inner = inner.Outer)
        {
            if (inner.Outer == scope)
                inner.Outer = scope.Outer;
        }
    }
}

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Enter();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.Current;

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}

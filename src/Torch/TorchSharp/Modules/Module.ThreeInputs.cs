namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public interface IModule<T1, T2, T3, TResult>
        {
            TResult call(T1 input1, T2 input2, T3 input3);
        }

        /// <summary>A module of 3 inputs. <see cref="call"/> runs the hooks around <see cref="forward"/>.</summary>
        public abstract class Module<T1, T2, T3, TResult> : HookableModule<Func<Module<T1, T2, T3, TResult>, T1, T2, T3, (T1, T2, T3)?>, Func<Module<T1, T2, T3, TResult>, T1, T2, T3, TResult, TResult>>, IModule<T1, T2, T3, TResult>
        {
            protected Module(string name) : base(name) { }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3);

            public TResult call(T1 input1, T2 input2, T3 input3)
            {
                foreach (var hook in PreHooks)
                {
                    if (hook(this, input1, input2, input3) is { } replaced)
                        (input1, input2, input3) = replaced;
                }
                var output = forward(input1, input2, input3);
                foreach (var hook in PostHooks)
                    output = hook(this, input1, input2, input3, output);
                return output;
            }
        }
    }
}

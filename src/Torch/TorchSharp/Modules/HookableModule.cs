namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module whose calls can be watched and changed from outside.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            private readonly List<(string Key, TPreHook Hook)> _before = [];
            private readonly List<(string Key, TPostHook Hook)> _after = [];

            protected HookableModule(string name) : base(name) { }

            internal IEnumerable<TPreHook> PreHooks => _before.Count == 0 ? [] : _before.ConvertAll(entry => entry.Hook);
            internal IEnumerable<TPostHook> PostHooks => _after.Count == 0 ? [] : _after.ConvertAll(entry => entry.Hook);

            public HookRemover register_forward_pre_hook(TPreHook hook)
            {
                var key = Guid.NewGuid().ToString();
                _before.Add((key, hook));
                return new HookRemover(this, key);
            }

            public HookRemover register_forward_hook(TPostHook hook)
            {
                var key = Guid.NewGuid().ToString();
                _after.Add((key, hook));
                return new HookRemover(this, key);
            }

            public class HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
            {
                public void remove()
                {
                    module._before.RemoveAll(entry => entry.Key == key);
                    module._after.RemoveAll(entry => entry.Key == key);
                }
            }
        }
    }
}
